"""Answers that say something of a person, kept to be given again for a day."""

from __future__ import annotations

from collections.abc import Iterator

from meishi.context import current_scope
from meishi.declarations import DataSubject, ErasureReport, PersonalRecord

#: Whoever asked, or whatever is answered: ids of contacts, addresses, and numbers as stored.
_ABOUT = """
    DELETE FROM meishi_requests.answer
    WHERE user_id = %(user)s OR EXISTS (
        SELECT FROM unnest(%(texts)s::text[]) AS t(wanted)
        WHERE position(convert_to(wanted, 'UTF8') IN body) > 0
            OR position(lower(wanted) IN lower(headers::text)) > 0
    )
    RETURNING 1
"""


def export(_: DataSubject) -> Iterator[PersonalRecord]:
    """Yield nothing: answers are copies of what the plugins that gave them export."""
    return iter(())


def erase(subject: DataSubject) -> ErasureReport:
    """Delete the answers to a person, and those about them: the requests can be made again."""
    scope = current_scope()
    if scope.workspace_id is None:
        return ErasureReport()
    texts = [*map(str, subject.contact_ids), *subject.emails, *subject.phones]
    gone = scope.work.execute(_ABOUT, {"user": subject.user_id, "texts": texts})
    return ErasureReport(erased=len(gone))

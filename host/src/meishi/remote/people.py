"""Answers to commands from elsewhere that say something of a person, kept for some days."""

from __future__ import annotations

from collections.abc import Iterator

from meishi.context import current_scope
from meishi.declarations import DataSubject, ErasureReport, PersonalRecord

_ABOUT = """
    DELETE FROM meishi_remote.answer
    WHERE EXISTS (
        SELECT FROM unnest(%(texts)s::text[]) AS t(wanted)
        WHERE position(convert_to(wanted, 'UTF8') IN document) > 0
    )
    RETURNING 1
"""


def export(_: DataSubject) -> Iterator[PersonalRecord]:
    """Yield nothing: answers are copies of what the plugins that gave them export."""
    return iter(())


def erase(subject: DataSubject) -> ErasureReport:
    """Delete the answers about a person; whoever would ask again gets a new one."""
    texts = [*map(str, subject.contact_ids), *subject.emails, *subject.phones]
    gone = current_scope().work.execute(_ABOUT, {"texts": texts})
    return ErasureReport(erased=len(gone))

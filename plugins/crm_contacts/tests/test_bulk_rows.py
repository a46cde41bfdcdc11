"""What many contacts at once become in the database, beside what single ones become."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_contacts import importing
from crm_contacts.contract import ContactDraft, Email, Name, Phone
from crm_contacts.importing import ContactBatch
from crm_contacts.lookups import lookups_of
from crm_contacts.models import metadata
from crm_contacts.normalisation import normalised
from crm_contacts.repository import bulk, writing
from crm_contacts.sources import ReadSource
from crm_contacts.validation import draft_errors
from meishi.sdk.changes import CHANGED
from meishi.sdk.database import execute
from meishi.testing.fixtures import WorkspaceUnderTest

from .test_import_batches import undone

#: Both ways of writing are called by themselves.
pytestmark = pytest.mark.inside

AT = datetime(2026, 1, 1, tzinfo=UTC)
#: What means something in a line of COPY, ends a line for somebody, or is cut in the middle.
HOSTILE = st.lists(
    st.sampled_from(
        [
            *("\\", "\\N", "\\.", "\\t", "\\x41", "\\101", "\\\n", "\t", "\n", "\r", "\v", "\f"),
            *("\x01", "\x1c", "\x7f", "\x85", "\u2028", "\ufeff", "\u200d", "\U0001f600", "İ"),
            *("a", "ß", "٣", "1", "@", "{", '"', ",", "NULL", "x" * 62, "é" * 63, "文字", " "),
        ]
    ),
    min_size=1,
    max_size=12,
).map("".join)
DRAFTS = st.builds(
    lambda name, emails, number, note, uid: ContactDraft(
        name=Name(full=f"n{name}", family=name),
        emails=tuple(Email(address=item) for item in emails),
        phones=(Phone(number=number),),
        nicknames=(name,),
        organisation=note,
        note=note,
        uid=uid,
    ),
    HOSTILE,
    st.lists(HOSTILE, max_size=3),
    HOSTILE,
    HOSTILE,
    st.none() | HOSTILE,
)


def rows() -> dict[str, list[Any]]:
    """Return all rows of the plugin that this unit of work sees, but not when they were written."""
    found = {}
    for table in metadata.sorted_tables:
        read = f"SELECT (to_jsonb(t) - '{CHANGED}')::text FROM {table.fullname} t"
        found[table.name] = sorted(row[0] for row in execute(read))
    return found


def numbered() -> Callable[[], UUID]:
    """Return what gives the same ids each time."""
    numbers = count(1)
    return lambda: UUID(int=(7 << 76) + (2 << 62) + next(numbers))


@given(st.lists(DRAFTS, min_size=1, max_size=4, unique_by=lambda item: item.uid or id(item)))
@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_rows_of_many_are_those_of_single_ones(
    workspace: WorkspaceUnderTest, drafts: Sequence[ContactDraft]
) -> None:
    """Whatever texts say, COPY brings in what single statements do."""
    new_id = numbered()
    new = {new_id(): normalised(draft, "DE") for draft in drafts if not list(draft_errors(draft))}
    with undone(workspace):
        writing.add(new, AT)
        single = rows()
    with undone(workspace):
        bulk.store(new, {}, AT)
        assert rows() == single
    with undone(workspace):
        bulk.store(new, {}, AT, {key: lookups_of(draft) for key, draft in new.items()})
        assert rows() == single


BOOKS = st.lists(
    st.builds(
        lambda name, uid, title, email: ContactDraft(
            name=Name(full=name), uid=uid, title=title, emails=(Email(address=email),)
        ),
        st.sampled_from(["Ada", "ADA", "Bob L"]),
        st.sampled_from([None, "1", "2", "3"]),
        st.sampled_from([None, "t", "Analyst\\"]),
        st.sampled_from(["a@b", "A@b", "c\\n@d"]),
    ),
    min_size=1,
    max_size=6,
)


@given(BOOKS, BOOKS)
@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_books_come_in_the_same_made_ready_or_not(
    workspace: WorkspaceUnderTest,
    first: Sequence[ContactDraft],
    second: Sequence[ContactDraft],
) -> None:
    """What was made before is that of the contact in the end, also where rows are one contact."""
    found = []
    for many, ready in ((10**9, False), (0, False), (0, True)):
        new_id = numbered()
        with pytest.MonkeyPatch.context() as patch, undone(workspace):
            patch.setattr(importing, "_MANY", many)
            for book in (first, second):
                sources = [
                    ReadSource(index=index, line=index, content=b"", draft=draft, fault=None)
                    for index, draft in enumerate(book)
                ]
                batch = ContactBatch(sources, "DE", new_id)
                if ready:
                    batch.make_ready()
                batch.bring_in(AT)
            found.append(rows())
    assert found[0] == found[1] == found[2]

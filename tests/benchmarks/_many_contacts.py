"""Workspaces with many contacts: filled by several processes, as the service writes in bulk."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

from tests.benchmarks._organised import OWNERS, found_lists, organise
from tests.benchmarks._people import CODE, GRADE, GRADES, MEMBER, SCORE, SINCE, SITE, person

from crm_contacts.contract import CustomFields, CustomFieldType
from crm_contacts.matching import content_key
from crm_contacts.normalisation import normalised
from crm_contacts.repository import bulk, custom_fields, fingerprints, scans, tags
from meishi.command.deployment import Deployment
from meishi.context import Actor
from meishi.core.identity.contract import Workspaces
from meishi.host import Host

REPOSITORY = Path(__file__).parents[2]
PLUGIN = "crm_contacts"
#: When the first contact was created; each chunk is later by as many seconds as it has.
BEGAN = datetime(2025, 1, 1, tzinfo=UTC)
#: Contacts that one transaction writes.
_CHUNK = 2_000
_FIELDS = {
    CODE: CustomFieldType.TEXT,
    SCORE: CustomFieldType.NUMBER,
    SINCE: CustomFieldType.DATE,
    MEMBER: CustomFieldType.BOOLEAN,
    GRADE: CustomFieldType.CHOICE,
    SITE: CustomFieldType.URL,
}


@dataclass(frozen=True, slots=True)
class Book:
    """A workspace, and the numbers of its people: from `first` on, so many."""

    workspace: UUID
    first: int
    size: int

    @property
    def numbers(self) -> range:
        """The numbers of its people."""
        return range(self.first, self.first + self.size)

    def chunk(self, number: int) -> int:
        """Return which transaction wrote a person."""
        return (number - self.first) // _CHUNK

    def owner(self, number: int) -> UUID | None:
        """Return whose contact a person is."""
        return OWNERS[self.chunk(number) % len(OWNERS)]

    def written_at(self, number: int) -> datetime:
        """Return when a person was written, with all others of the transaction."""
        return BEGAN + timedelta(seconds=self.first + self.chunk(number) * _CHUNK)


@contextmanager
def hosted(home: Path) -> Iterator[Host]:
    """Lend the contact service on a data folder."""
    environment = {**os.environ, "MEISHI_HOME": str(home), "MEISHI_PLUGINS": PLUGIN}
    with closing(Deployment(None, environment=environment)) as deployment:
        yield deployment.host()


def founded(host: Host, sizes: Sequence[int]) -> list[Book]:
    """Return new workspaces, with custom fields and without contacts."""
    books, first = [], 0
    for place, size in enumerate(sizes):
        workspace = host.new_id()
        with host.scope(workspace=workspace):
            host.service(Workspaces).found(
                slug=f"w{place}",
                name=f"Workspace {place}",
                owner_email=f"owner{place}@example.com",
                owner_name="Owner",
            )
        with host.scope(workspace=workspace, plugin=PLUGIN):
            for key, kind in _FIELDS.items():
                choices = GRADES if kind is CustomFieldType.CHOICE else ()
                host.service(CustomFields).create(key, title=key, type=kind, choices=choices)
            found_lists(host)
        books.append(Book(workspace, first, size))
        first += size
    return books


def fill(home: Path, books: Sequence[Book], processes: int = 2) -> None:
    """Fill workspaces, each by a process of its own, the largest first."""
    ordered = sorted(books, key=lambda book: -book.size)
    with ThreadPoolExecutor(processes) as pool:
        for _ in pool.map(partial(_run, home), ordered):
            pass


def _run(home: Path, book: Book) -> None:
    words = (str(home), str(book.workspace), str(book.first), str(book.size))
    subprocess.run(
        [sys.executable, "-P", "-m", "tests.benchmarks._many_contacts", *words],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        check=True,
    )


def _filled(home: Path, book: Book) -> None:
    """Write the contacts of a workspace, and count its names as a scan does."""
    with hosted(home) as host:
        numbers = book.numbers
        for start in range(0, len(numbers), _CHUNK):
            chunk = numbers[start : start + _CHUNK]
            actor = Actor(user_id=book.owner(chunk[0]))
            with host.scope(workspace=book.workspace, plugin=PLUGIN, actor=actor):
                _write(host, chunk, book.written_at(chunk[0]))
        with host.scope(workspace=book.workspace, plugin=PLUGIN):
            scans.put_counts(scans.count_names())


def _write(host: Host, numbers: range, at: datetime) -> None:
    """Write contacts with all that is looked up of them, as an import does."""
    contacts = {number: host.new_id() for number in numbers}
    drafts = {key: normalised(person(number), None) for number, key in contacts.items()}
    bulk.store(drafts, {}, at)
    tags.put({key: draft.tags for key, draft in drafts.items()}, at, host.new_id)
    custom_fields.add_values(
        [(key, name, value) for key, draft in drafts.items() for name, value in draft.custom]
    )
    fingerprints.add({content_key(draft): key for key, draft in drafts.items()})
    organise(contacts, drafts, at)


if __name__ == "__main__":
    _folder, _workspace, *_numbers = sys.argv[1:]
    _filled(Path(_folder), Book(UUID(_workspace), *map(int, _numbers)))

"""Asking the contact service about people, and how long each answer took."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from tests.benchmarks._contact_questions import (
    FINDING,
    LISTS,
    OF_OTHERS,
    OF_SOME,
    SEARCHES,
    Asked,
    Question,
    narrowed,
    somebody,
)
from tests.benchmarks._many_contacts import PLUGIN, Book
from tests.benchmarks._people import person

from crm_contacts.contract import ContactChanges, ContactDocuments, Contacts, Duplicates
from meishi.host import Host
from meishi.sdk.contract import ChangeQuery, ListQuery
from meishi.sdk.database import execute

TIMES, ROUNDS = 200, 2
#: Of so many people it is seen whether they are found.
LOOKS = 20

#: Seconds that an answer took, and those of processors; of the same people, round by round.
Taken = tuple[float, float]
Rounds = list[list[Taken]]


class Questioner:
    """Asks the contact service about the people of one workspace."""

    def __init__(self, host: Host, book: Book, *, times: int = TIMES) -> None:
        self._host = host
        self._book = book
        self._times = times
        chance = random.Random(7)
        self._people = [somebody(book, chance) for _ in range(times)]
        with host.scope(workspace=book.workspace, plugin=PLUGIN):
            ((self._backend,),) = execute("SELECT pg_backend_pid()", {})

    def listed(self) -> Iterator[tuple[str, Rounds]]:
        """Yield how long pages of lists took, by what they were asked for."""
        for name, question in LISTS.items():
            yield name, self._asked(partial(self._listed, question))
            self._look(name, question)
        yield "further pages", self._asked(self._further)

    def searched(self) -> Iterator[tuple[str, Rounds]]:
        """Yield how long searches took; whom nobody fits better must be on the first page."""
        for name, question in SEARCHES.items():
            yield name, self._asked(partial(self._found, name, question))

    def changed(self) -> Rounds:
        """Return how long it took to hear of one change."""
        return self._asked(self._delta)

    def counted(self) -> Rounds:
        """Return how long it took to count all who have some name."""
        question = LISTS["given_name"]
        return self._asked(lambda asked: self._page(replace(question(asked), with_total=True)))

    def written(self) -> tuple[Rounds, Rounds]:
        """Return how long it took to create contacts, and to look who else they may be."""
        numbers = [self._book.numbers[50 * n % self._book.size] for n in range(self._times)]
        rounds = [[self._written(number) for number in numbers] for _ in range(ROUNDS)]
        creating, checking = ([[pair[n] for pair in found] for found in rounds] for n in (0, 1))
        return creating, checking

    def _written(self, number: int) -> tuple[Taken, Taken]:
        """Create somebody once more, and forget them again."""
        draft = replace(person(number), uid=None, tags=(), custom=())
        with self._unit() as creating:
            created = self._host.service(Contacts).create(draft)
        with self._unit() as checking:
            self._host.service(Duplicates).follow((created.id,))
        with self._host.scope(workspace=self._book.workspace, plugin=PLUGIN):
            likely = self._host.service(Duplicates).of_contact(created.id)
            self._host.service(Contacts).delete(created.id)
        if not likely:
            raise SystemExit(f"not known again: {draft.name.full}")
        return creating[0], checking[0]

    def _asked(self, ask: Callable[[Asked], Taken]) -> Rounds:
        return [[ask(asked) for asked in self._people] for _ in range(ROUNDS)]

    def _listed(self, question: Question, asked: Asked) -> Taken:
        return self._page(question(asked))

    def _page(self, wanted: ListQuery) -> Taken:
        with self._unit() as seconds:
            self._host.service(ContactDocuments).list(wanted)
        return seconds[0]

    def _further(self, asked: Asked) -> Taken:
        """Ask for the page behind somebody, in the order of names."""
        place = LISTS["name"](asked)
        with self._host.scope(workspace=self._book.workspace, plugin=PLUGIN):
            first = self._host.service(ContactDocuments).list(replace(place, limit=1))
        found = json.loads(first.items[0])
        wanted = replace(
            LISTS["sort name"](asked), after=(asked.draft.name.full.lower(), found["id"])
        )
        return self._page(wanted)

    def _found(self, name: str, question: Question, asked: Asked) -> Taken:
        with self._unit() as seconds:
            page = self._host.service(ContactDocuments).list(question(asked))
        if name in FINDING and not any(asked.email.encode() in item for item in page.items):
            raise SystemExit(f"not found by {name}: {question(asked).text}")
        return seconds[0]

    def shares(self) -> dict[str, float]:
        """Return of how many people a search finds the one who is meant, wherever on its pages.

        A search looks at a thousand matches: of a common name it may not have all.
        """
        return {
            name: sum(self._among(question, asked) for asked in self._people[:LOOKS])
            / len(self._people[:LOOKS])
            for name, question in SEARCHES.items()
        }

    def _look(self, name: str, question: Question) -> None:
        """See for some people that they are on a list, or are not."""
        for asked in () if name in OF_SOME else self._people[:LOOKS]:
            if self._among(question, asked) == (name in OF_OTHERS):
                raise SystemExit(f"{name}: wrong about {asked.email}")

    def _among(self, question: Question, asked: Asked) -> bool:
        with self._host.scope(workspace=self._book.workspace, plugin=PLUGIN):
            wanted = narrowed(question(asked), asked)
            return len(self._host.service(ContactDocuments).list(wanted).items) == 1

    def _delta(self, asked: Asked) -> Taken:
        with self._host.scope(workspace=self._book.workspace, plugin=PLUGIN):
            documents = self._host.service(ContactDocuments)
            (found,) = documents.list(LISTS["email"](asked)).items
            mark = documents.changes(ChangeQuery(limit=1)).until
        with self._host.scope(workspace=self._book.workspace, plugin=PLUGIN):
            contact_id, note = json.loads(found)["id"], f"seen at {time.time_ns()}"
            self._host.service(Contacts).update(contact_id, ContactChanges(note=note))
        with self._unit() as seconds:
            page = self._host.service(ContactDocuments).changes(ChangeQuery(since=mark))
        if len(page.items) != 1 or note.encode() not in page.items[0]:
            raise SystemExit(f"expected one change: {page}")
        return seconds[0]

    @contextmanager
    def _unit(self) -> Iterator[list[Taken]]:
        """Open a unit of work; what it took is there behind it."""
        taken: list[Taken] = []
        begun, worked = time.perf_counter(), self._processor_seconds()
        with self._host.scope(workspace=self._book.workspace, plugin=PLUGIN):
            yield taken
        seconds = time.perf_counter() - begun
        taken.append((seconds, self._processor_seconds() - worked))

    def _processor_seconds(self) -> float:
        """Return how long processors have worked for this process and for its connection."""
        nanoseconds = Path(f"/proc/{self._backend}/schedstat").read_text().split()[0]
        return time.process_time() + int(nanoseconds) / 1e9

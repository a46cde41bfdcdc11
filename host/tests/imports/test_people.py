"""People in kept files: what is known of them, and that it goes when they ask."""

from __future__ import annotations

import gzip
from uuid import UUID

import pytest

from meishi.imports import people
from meishi.sdk.plugin import (
    DataSubject,
    ErasureReport,
    ImportChunk,
    PersonalRecord,
    RejectedItem,
)
from meishi.testing.jobs import JobRuns

from .conftest import Granary
from .granary import acting

ANNA = DataSubject(emails=("anna@example.com",), phones=("+46701234567",))


def known(granary: Granary, subject: DataSubject = ANNA) -> list[PersonalRecord]:
    """Return what is told of a person."""
    with granary.workspace.acting_as("meishi_imports"):
        return list(people.export(subject))


def erase(granary: Granary, subject: DataSubject = ANNA) -> ErasureReport:
    """Have a person erased."""
    with granary.workspace.acting_as("meishi_imports"):
        return people.erase(subject)


@pytest.mark.parametrize(
    "content",
    [
        b"Anna <ANNA@example.com>\n",
        "Anna, anna@example.com\n".encode("utf-16"),
        b"+46 (70) 123-45 67\n",
        b"Anna;070-123 45 67\n",
        b"Anna;0046701234567\n",
        b" " + b"x" * (1024 * 1024 - 8) + b"anna@example.com",
    ],
)
def test_a_file_that_speaks_of_somebody_goes_with_them(granary: Granary, content: bytes) -> None:
    """However it is written, and wherever in it; files about others stay."""
    about, other = granary.upload(content), granary.upload(b"berta@example.com")
    assert [(item.kind, str(item.id)) for item in known(granary)] == [("import_file", about)]
    assert erase(granary) == ErasureReport(erased=1)
    assert erase(granary) == ErasureReport()
    assert known(granary) == []
    assert granary.ask("GET", f"/{about}").status_code == 404
    assert granary.shown(other)["size"] == 17


def test_a_file_that_is_being_taken_in_goes_too(granary: Granary, run: JobRuns) -> None:
    """The chunk that is at work stores nothing of the person."""
    import_id = granary.upload(b"anna@example.com\n")
    granary.start(import_id, mapping={"Sack": "name"})

    def forget(_task: object, _file: object) -> None:
        erase(granary)

    with acting("run", forget):
        run(failures=True)
    assert granary.names() == []
    assert granary.ask("GET", f"/{import_id}").status_code == 404


@pytest.mark.parametrize("said", ["Anna@Example.com", "+46 70 123 45 67", "070/1234567"])
def test_what_was_said_of_a_rejected_one_goes(granary: Granary, run: JobRuns, said: str) -> None:
    """Also when the file is gone already."""
    item = RejectedItem(position=1, code="odd", message=f"{said} is odd.")
    import_id = granary.upload(b"x\n")
    granary.start(import_id, mapping={"Sack": "name"})
    with acting("run", lambda *_: ImportChunk(following=None, rejected=(item,))):
        run()
    assert erase(granary).erased == 1
    assert granary.ask("GET", f"/{import_id}/rejects").json == {"items": [], "next_after": None}


def test_a_file_that_cannot_be_searched_is_told(granary: Granary) -> None:
    """It may speak of the person; it goes by itself."""
    granary.upload(gzip.compress(b"anna@example.com"))
    (kept,) = erase(granary).retained
    assert (kept.kind, kept.count) == ("import_file", 1)


def test_who_uploaded_a_file_sees_it_and_is_forgotten(granary: Granary) -> None:
    """The file is the workspace's, and stays."""
    import_id = granary.upload(b"rye\n")
    owner = DataSubject(user_id=granary.workspace.owner_id)
    (record,) = known(granary, owner)
    assert (record.kind, record.id) == ("import", UUID(import_id))
    assert erase(granary, owner) == ErasureReport(anonymised=1)
    assert known(granary, owner) == []
    assert granary.shown(import_id)["size"] == 4

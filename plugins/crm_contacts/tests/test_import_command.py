"""`meishi contacts import`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from crm_contacts.contract import DryRun, Imports
from crm_contacts.service import DryRunService
from crm_contacts.sources import CHUNK_ROWS
from meishi.sdk.context import service
from meishi.testing.sessions import WAITING
from meishi.testing.types import Location, WorkspaceUnderTest

from .conftest import IMPORTS, ContactsClient, vcard

GOOD = vcard("FN:Ada", "UID:1")
BAD = vcard("FN:", "X-OCTETS:\x01\\;\u00e9")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(environment: None, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `meishi contacts import` and return exit code, output and messages."""
    (script,) = entry_points(group="console_scripts", name="meishi")
    main = script.load()

    def run_import(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["contacts", "import", *map(str, arguments)])
        output = capsys.readouterr()
        return int(ended.value.code or 0), output.out, output.err

    return run_import


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """An address book with a good card, a bad one and a duplicate."""
    file = tmp_path / "book.vcf"
    file.write_bytes((GOOD + BAD + GOOD).encode())
    return file


def test_import_is_summed_up_in_a_line_and_rejects_are_named(
    run: Run, workspace: WorkspaceUnderTest, book: Path
) -> None:
    """The sum goes to stdout, each rejected card with its line to stderr."""
    code, out, err = run(book)
    assert code == 0
    assert out == "3 cards: 2 imported (1 of them duplicates), 1 rejected.\n"
    assert err.startswith("  line 6: ")


def test_json_is_one_document_and_nothing_else(
    run: Run, workspace: WorkspaceUnderTest, book: Path
) -> None:
    """With `--json` a program can read all of the output."""
    code, out, err = run(book, "--json")
    document: dict[str, Any] = json.loads(out)
    (reject,) = document.pop("rejects")
    assert UUID(document.pop("import")).version == 7
    assert (code, err) == (0, "")
    assert document == {
        "cards": 3,
        "imported": 2,
        "created": 1,
        "updated": 0,
        "unchanged": 1,
        "duplicates": 1,
        "rejected": 1,
        "unmapped_columns": [],
        "done_before": 0,
        "notices": [],
    }
    assert (reject["index"], reject["line"], reject["status"]) == (1, 6, "rejected")


def test_rejects_are_written_octet_for_octet_and_can_be_imported_again(
    run: Run, workspace: WorkspaceUnderTest, tmp_path: Path
) -> None:
    """What was rejected stands in the file as it was, however large, and can be mended there."""
    bad = vcard("FN:", "PHOTO;ENCODING=b:" + "A" * 100_000).encode() + BAD.encode("latin-1")
    book, rejects = tmp_path / "book.vcf", tmp_path / "rejects.vcf"
    book.write_bytes(GOOD.encode() + bad)
    assert run(book, "--rejects", rejects)[0] == 0
    assert rejects.read_bytes() == bad
    rejects.write_bytes(rejects.read_bytes().replace(b"FN:\r", b"FN:Bob\r"))
    assert run(rejects)[1].startswith("2 cards: 2 imported (0 of them")


def test_rejects_of_an_earlier_run_stay_until_there_are_new_ones(
    run: Run, workspace: WorkspaceUnderTest, tmp_path: Path
) -> None:
    """Neither a run without rejects nor one that cannot read its file empties them."""
    book, rejects = tmp_path / "book.vcf", tmp_path / "rejects.vcf"
    book.write_text(GOOD)
    rejects.write_text("old")
    assert run(book, "--rejects", rejects)[0] == 0
    code, _, err = run(tmp_path / "nosuch.vcf", "--rejects", rejects)
    assert (code, "nosuch.vcf cannot be read" in err) == (1, True)
    assert rejects.read_text() == "old"
    book.write_text(BAD)
    assert run(book, "--rejects", rejects)[0] == 0
    assert rejects.read_bytes() == BAD.encode()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_full_disk_under_the_rejects_is_not_blamed_on_the_address_book(
    run: Run, workspace: WorkspaceUnderTest, book: Path
) -> None:
    """The line names the file that could not be written."""
    code, _, err = run(book, "--rejects", "/dev/full")
    assert code == 1
    assert "/dev/full cannot be written: No space left on device." in err
    assert "book.vcf" not in err


def test_card_that_was_cut_says_so(
    run: Run,
    workspace: WorkspaceUnderTest,
    book: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of an oversized card only the start is among the rejects, as its reason tells."""
    monkeypatch.setenv("MEISHI_PLUGIN__CRM_CONTACTS__MAX_CARD_BYTES", "2000")
    book.write_text(vcard("FN:Ada", f"NOTE:{'x' * 5000}") + GOOD)
    code, _, err = run(book, "--rejects", tmp_path / "rejects.vcf")
    assert code == 0
    assert "larger than 2000 bytes; its text was cut after these" in err
    assert len((tmp_path / "rejects.vcf").read_bytes()) == 2000 + len(b"\r\n")


def test_address_book_can_come_through_a_pipe(
    run: Run, workspace: WorkspaceUnderTest, tmp_path: Path
) -> None:
    """What cannot be rewound is imported all the same."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["sh", "-c", f"printf '%s' '{GOOD}' > {pipe}"]):
        assert run(pipe)[:2] == (0, "1 cards: 1 imported (0 of them duplicates), 0 rejected.\n")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing.vcf", "cannot be read: No such file or directory"),
        ("folder", "is a directory"),
        ("empty.vcf", "empty.vcf cannot be imported: "),
        ("picture.vcf", "picture.vcf cannot be imported: "),
        ("table.csv", "table.csv cannot be imported: The file has no header"),
    ],
)
def test_file_that_is_no_address_book_is_refused_in_one_line(
    run: Run, workspace: WorkspaceUnderTest, tmp_path: Path, name: str, message: str
) -> None:
    """The message names what is wrong, without a traceback, and the exit code is not 0."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.vcf").touch()
    (tmp_path / "table.csv").write_text("one\n1\n")
    (tmp_path / "picture.vcf").write_bytes(b"\x89PNG\r\n\x1a\n\x00")
    code, out, err = run(tmp_path / name)
    assert code != 0
    assert out == ""
    assert message in err
    assert "Traceback" not in err


@pytest.mark.parametrize("rejects", ["missing/rejects.vcf", "folder", "book.vcf"])
def test_rejects_that_cannot_be_kept_stop_the_import_before_it_begins(
    run: Run, contacts: ContactsClient, book: Path, tmp_path: Path, rejects: str
) -> None:
    """No card is imported, and the file itself is never overwritten."""
    (tmp_path / "folder").mkdir()
    before = book.read_bytes()
    code, _, err = run(book, "--rejects", tmp_path / rejects)
    assert code != 0
    assert rejects in err
    assert book.read_bytes() == before
    assert contacts.all() == []


def test_workspace_must_be_clear(
    run: Run, workspace: WorkspaceUnderTest, other_workspace: WorkspaceUnderTest, book: Path
) -> None:
    """Of several workspaces one has to be named, and it has to exist."""
    assert "--workspace: one, two" in run(book)[2]
    assert "There is no workspace 'three'" in run(book, "--workspace", "three")[2]
    assert run(book, "--workspace", "two")[0] == 0


def test_without_a_workspace_the_way_to_one_is_shown(run: Run, book: Path) -> None:
    """The hint names the command that creates the first workspace."""
    code, _, err = run(book)
    assert code != 0
    assert "`meishi init`" in err


#: Whoever adds contacts where there are some waits for a lock that the test has.
SECOND_BATCH_WAITS = """
    CREATE FUNCTION public.wait_for_test() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
        IF EXISTS (SELECT FROM crm_contacts.contact) THEN
            PERFORM pg_advisory_xact_lock(1);
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER wait_for_test BEFORE INSERT ON crm_contacts.contact
        FOR EACH STATEMENT EXECUTE FUNCTION public.wait_for_test();
"""


def test_killed_import_left_whole_batches_and_goes_on_when_it_is_run_again(
    environment: None,
    run: Run,
    contacts: ContactsClient,
    plugin_database: Location,
    tmp_path: Path,
) -> None:
    """Kill -9 in the second batch leaves nothing of that; the next run is the rest of the first."""
    cards = 4 * CHUNK_ROWS
    book = tmp_path / "large.vcf"
    book.write_text(
        "".join(vcard(f"FN:Contact {n}", f"UID:{n}", f"EMAIL:{n}@x.example") for n in range(cards))
    )
    assert plugin_database.admin_url is not None
    with psycopg.connect(plugin_database.admin_url, autocommit=True) as admin:
        admin.execute(SECOND_BATCH_WAITS)
        admin.execute("SELECT pg_advisory_lock(1)")
        command = Path(sys.executable).with_name("meishi")
        with subprocess.Popen([command, "contacts", "import", book]) as process:
            while process.poll() is None and admin.execute(WAITING).fetchone() == (0,):
                time.sleep(0.005)
            process.send_signal(signal.SIGKILL)
        admin.execute("SELECT pg_advisory_unlock(1)")
        while admin.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND usename <> current_user AND state <> 'idle'"
        ).fetchone() != (0,):
            time.sleep(0.005)
        imported = CHUNK_ROWS
        assert stored(admin) == [imported] * 4
        (begun,) = listed(contacts)
        assert (begun["state"], begun["counts"]["created"]) == ("running", imported)
        code, out, err = run(book)
        assert (code, err) == (0, f"Going on where {imported} cards were done already.\n")
        assert out == f"{cards} cards: {cards} imported (0 of them duplicates), 0 rejected.\n"
        (done,) = listed(contacts)
        assert (done["id"], done["state"]) == (begun["id"], "completed")
        assert (done["counts"]["created"], done["counts"]["duplicates"]) == (cards, 0)
        assert stored(admin) == [cards] * 4
        assert json.loads(run(book, "--json")[1])["unchanged"] == cards


def listed(contacts: ContactsClient) -> list[dict[str, Any]]:
    """Return all imports, the newest first."""
    answer = contacts.client.get(IMPORTS, headers=contacts.headers)
    items: list[dict[str, Any]] = answer.json["items"]  # type: ignore[index]
    return items


def test_json_says_that_an_import_goes_on(
    run: Run, contacts: ContactsClient, workspace: WorkspaceUnderTest, tmp_path: Path
) -> None:
    """By how many cards were done before; what was rejected then is told and kept as well."""
    content = BAD + "".join(vcard(f"FN:Ada {n}", f"UID:{n}") for n in range(CHUNK_ROWS))
    begun = contacts.send(content)
    with workspace.acting_as("crm_contacts"):
        service(Imports).run(UUID(begun["id"]), seconds=0)
    book, rejects = tmp_path / "book.vcf", tmp_path / "rejects.vcf"
    book.write_bytes(content.encode())
    code, out, err = run(book, "--json", "--rejects", rejects)
    document = json.loads(out)
    assert (code, err) == (0, "")
    assert (document["import"], document["done_before"]) == (begun["id"], CHUNK_ROWS)
    assert (document["cards"], document["rejected"]) == (CHUNK_ROWS + 1, 1)
    assert [item["index"] for item in document["rejects"]] == [0]
    assert rejects.read_bytes() == BAD.encode()
    again = json.loads(run(book, "--json")[1])
    assert (again["done_before"], again["unchanged"]) == (0, CHUNK_ROWS)


@pytest.mark.parametrize("other", ["content", "columns", "undone"])
def test_only_what_would_be_the_same_goes_on(
    run: Run,
    contacts: ContactsClient,
    workspace: WorkspaceUnderTest,
    tmp_path: Path,
    other: str,
) -> None:
    """Another file, or the same one read otherwise, is an import of its own."""
    rows = "".join(f"Ada {n},x{n}@a.example\n" for n in range(CHUNK_ROWS + 1))
    content = f"Name,E-mail\n{rows}"
    begun = contacts.send(content, "text/csv")
    with workspace.acting_as("crm_contacts"):
        service(Imports).run(UUID(begun["id"]), seconds=0)
    assert contacts.get_import(begun["id"])["state"] == "running"
    options: list[str] = []
    if other == "content":
        content = content.replace("Ada 7,", "Bo 7,,")
    elif other == "columns":
        options = ["--map", "E-mail=skip"]
    else:
        undo = f"{IMPORTS}/{begun['id']}/undo"
        assert contacts.client.post(undo, headers=contacts.headers).status_code == 202
    book = tmp_path / "book.csv"
    book.write_text(content)
    assert json.loads(run(book, *options, "--json")[1])["import"] != begun["id"]


def stored(admin: psycopg.Connection[Any]) -> list[int]:
    """Count contacts, those with emails, those with fingerprints, and events."""
    tables = (
        ("crm_contacts.contact", "id"),
        ("crm_contacts.email", "contact_id"),
        ("crm_contacts.fingerprint", "contact_id"),
        ("meishi_events.event WHERE type = 'contact.created.v1'", "pos"),
    )
    return [
        int(row[0])
        for table, key in tables
        for row in admin.execute(f"SELECT count(DISTINCT {key}) FROM {table}".encode())
    ]


def test_table_is_told_by_its_content(
    run: Run, workspace: WorkspaceUnderTest, contacts: ContactsClient, tmp_path: Path
) -> None:
    """A file in CSV is imported by the same command, whatever its name; so are its rejects."""
    book, rejects = tmp_path / "people", tmp_path / "rejects.csv"
    book.write_bytes(b"Name;Email\r\nAda;ada@example.org\r\n;;\r\n;?\x81\r\n")
    assert run(book, "--rejects", rejects)[1] == (
        "2 cards: 1 imported (0 of them duplicates), 1 rejected.\n"
    )
    assert rejects.read_bytes() == b"Name;Email\r\n;?\x81\r\n"
    assert [item["name"]["full"] for item in contacts.all()] == ["Ada"]
    listed = contacts.client.get(IMPORTS, headers=contacts.headers).json
    assert listed is not None
    assert [item["name"] for item in listed["items"]] == ["people"]


def test_columns_are_mapped_by_heading_or_number(
    run: Run, workspace: WorkspaceUnderTest, contacts: ContactsClient, tmp_path: Path
) -> None:
    """A table that nobody knows comes in as it is said; without a word it does not."""
    file = tmp_path / "people.csv"
    file.write_text("Wer,Wo,Wer\nAda,Marylebone,Countess\n")
    code, out, err = run(file)
    assert (code, out) == (1, "")
    assert "Nobody knows the columns" in err
    assert "--map" in err
    code, out, _ = run(file, "--map", "#1=name", "--map", "Wo=address.locality:home")
    assert (code, out) == (0, "1 cards: 1 imported (0 of them duplicates), 0 rejected.\n")
    (ada,) = contacts.all()
    assert (ada["name"]["full"], ada["addresses"][0]["types"]) == ("Ada", ["home"])
    assert [item["value"] for item in ada["raw"]] == ["Countess"]


def test_columns_that_became_no_field_are_named(
    run: Run, workspace: WorkspaceUnderTest, tmp_path: Path
) -> None:
    """Nothing of a table goes out of sight without a word, on the terminal or to a program."""
    file = tmp_path / "people.csv"
    file.write_text('Name,Email,"Shoe\nsize",Pet\nAda,ada@example.org,39,Cat\n')
    code, out, err = run(file)
    assert (code, out) == (0, "1 cards: 1 imported (0 of them duplicates), 0 rejected.\n")
    assert err == "  columns of no field, kept as other properties: Shoe size, Pet\n"
    code, out, err = run(file, "--json", "--map", "Pet=skip")
    assert (code, err) == (0, "")
    assert json.loads(out)["unmapped_columns"] == ["Shoe\nsize"]
    many = [f"Odd{number}" for number in range(40)]
    file.write_text(",".join(["Name", "Email", *many]) + "\n" + ",".join(["Ada"] * 42) + "\n")
    err = run(file)[2]
    assert (err.endswith(" Odd18, Odd19 and 20 more\n"), err.count("\n")) == (True, 1)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("Wer=name", "heading of #1, #3"),
        ("Wann=name", "no column 'Wann'"),
        ("#9=name", "no column '#9'"),
        ("Wo=shoes", "no target"),
        ("Wo", "names no target"),
        ("Wo=note", "One column must name the contact"),
        ("Wo=custom.shoes", "no custom field"),
    ],
)
def test_mapping_that_cannot_be_is_refused_in_one_line(
    run: Run, workspace: WorkspaceUnderTest, contacts: ContactsClient, tmp_path: Path,
    word: str, said: str,
) -> None:  # fmt: skip
    """The line says what is wrong, and nothing is left behind."""
    file = tmp_path / "people.csv"
    file.write_text("Wer,Wo,Wer\nAda,Marylebone,Countess\n")
    code, out, err = run(file, "--map", word)
    assert (code, out) == (1, "")
    assert said in err
    listed = contacts.client.get(IMPORTS, headers=contacts.headers)
    assert listed.json == {"items": [], "next_after": None}


def test_dry_run_shows_columns_and_counts_and_imports_nothing(
    run: Run, workspace: WorkspaceUnderTest, contacts: ContactsClient, tmp_path: Path
) -> None:
    """Each column with its target and a sample, then what there would be."""
    file = tmp_path / "people.csv"
    file.write_text("Name,Work mail,Tags\nAda,ada@x.example,vip\n,,x\n")
    code, out, err = run(file, "--dry-run")
    assert code == 0
    assert out.splitlines() == [
        "#1 Name = name  (Ada)",
        "#2 Work mail = email:work  (ada@x.example)",
        "#3 Tags = raw  (vip)",
        "   could be tags",
        "2 cards: 1 would be imported (0 of them duplicates), 1 rejected. Nothing was.",
    ]
    assert err.startswith("  line 3: ")
    document = json.loads(run(file, "--dry-run", "--json", "--map", "Tags=tags")[1])
    assert (document["dry_run"], document["created"]) == (True, 1)
    assert [item["target"] for item in document["columns"]] == ["name", "email:work", "tags"]
    assert contacts.all() == []
    listed = contacts.client.get(IMPORTS, headers=contacts.headers)
    assert listed.json == {"items": [], "next_after": None}


def imports_left(contacts: ContactsClient) -> list[dict[str, Any]]:
    """Return the imports that are known."""
    answer = contacts.client.get(IMPORTS, headers=contacts.headers)
    items: list[dict[str, Any]] = answer.json["items"]  # type: ignore[index]
    return items


def test_table_without_header_is_mapped_by_places_or_as_it_is_proposed(
    run: Run, contacts: ContactsClient, tmp_path: Path
) -> None:
    """It is told to have none, or said to; what is proposed is shown before."""
    file = tmp_path / "people.csv"
    file.write_text("Ada;ada@x.example\nBob;bob@x.example\n")
    code, out, _ = run(file, "--dry-run", "--map", "#1=name")
    assert (code, "#2 Column 2 = raw  (ada@x.example)" in out) == (0, True)
    assert "could be email" in out
    code, _, err = run(file)
    assert code != 0
    assert "Nobody knows the columns" in err
    assert run(file, "--proposed")[1].startswith("2 cards: 2 imported")
    assert [item["emails"][0]["address"] for item in contacts.all()] == [
        "ada@x.example", "bob@x.example",
    ]  # fmt: skip
    assert len(imports_left(contacts)) == 1
    words = tmp_path / "words.txt"
    words.write_text("Cyd,Paris\nDan,Bonn\n")
    assert run(words, "--no-header", "--map", "#1=name")[1].startswith("2 cards: 2 imported")
    assert run(words, "--header", "--map", "Cyd=name")[1].startswith("1 cards: 1 imported")


def test_charset_is_said(run: Run, contacts: ContactsClient, tmp_path: Path) -> None:
    """Of tables and of cards, which name it themselves at best."""
    table, card = tmp_path / "people.csv", tmp_path / "people.vcf"
    table.write_bytes("Name,Email\nŽofie,z@x.example\n".encode("iso-8859-2"))
    card.write_bytes(
        vcard("FN:Žižka", "NOTE;CHARSET=UTF-8:UTF").replace("UTF\r", "é\r").encode("iso-8859-2")
        .replace(b"\xe9", "é".encode())
    )  # fmt: skip
    assert run(table, "--charset", "iso-8859-2")[0] == 0
    assert run(card, "--charset", "iso-8859-2")[0] == 0
    assert [(item["name"]["full"], item["note"]) for item in contacts.all()] == [
        ("Žofie", None), ("Žižka", "é"),
    ]  # fmt: skip
    code, _, err = run(table, "--charset", "klingon")
    assert (code, "klingon" in err) == (2, True)


def test_import_is_undone(run: Run, contacts: ContactsClient, book: Path) -> None:
    """By its id; what somebody changed since stays, and is named."""
    import_id = json.loads(run(book, "--json")[1])["import"]
    code, out, err = run("--undo", import_id)
    assert (code, err) == (0, "")
    assert out == "1 contacts deleted, 0 as before, 0 gone already, 0 of which something stays.\n"
    assert contacts.all() == []
    again = run("--undo", import_id, "--json")
    assert json.loads(again[1]) == {
        "import": import_id, "deleted": 1, "reverted": 0, "gone": 0, "kept": [],
    }  # fmt: skip
    other = json.loads(run(book, "--json")[1])["import"]
    (ada,) = contacts.all()
    changed = contacts.client.patch(
        f"/api/v1/contacts/{ada['id']}",
        json={"title": "Countess"},
        headers=contacts.headers | {"If-Match": "*"},
    )
    assert changed.status_code == 200
    code, out, err = run("--undo", other)
    assert "1 of which something stays" in out
    assert err == "  Ada: changed\n"


def test_undo_that_cannot_be_is_refused_in_one_line(
    run: Run, contacts: ContactsClient, book: Path
) -> None:
    """Unknown imports, imports that have not begun, and options that go with files."""
    waiting = contacts.send(GOOD)["id"]
    for arguments in ((uuid4(),), (waiting,), (waiting, "--dry-run"), (waiting, book)):
        code, out, err = run("--undo", *arguments)
        assert (code, out) == (1, "")
        assert len(err.splitlines()) == 2
    code, out, err = run()
    assert (code, out) == (1, "")
    assert "There is no file" in err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_trial_leaves_nothing(
    run: Run,
    contacts: ContactsClient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: signal.Signals,
) -> None:
    """Whenever the signal comes: once the file is there, and in the midst of the trial."""
    file = tmp_path / "book.vcf"
    file.write_text(GOOD)
    real = DryRunService.step

    def interrupted(service: DryRunService, import_id: UUID) -> DryRun:
        found = real(service, import_id)
        os.kill(os.getpid(), number)
        return found

    monkeypatch.setattr(DryRunService, "step", interrupted)
    code, out, _ = run(file, "--dry-run")
    assert code != 0
    assert out == ""
    assert imports_left(contacts) == []
    before = signal.getsignal(number)
    monkeypatch.setattr(DryRunService, "step", real)
    assert run(file, "--dry-run")[0] == 0
    assert signal.getsignal(number) == before
    assert imports_left(contacts) == []

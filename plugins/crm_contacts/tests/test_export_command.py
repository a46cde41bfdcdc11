"""`meishi contacts export`."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import pty
import resource
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import psycopg
import pytest

from crm_contacts import file_formats
from crm_contacts.file_formats import FORMATS
from meishi.testing.sessions import IN_TRANSACTION
from meishi.testing.types import Location

from .conftest import ContactsClient, vcard

Run = Callable[..., tuple[int, bytes, str]]

#: Becomes another program, which hears Ctrl-C and lets others go first.
BECOME = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.nice(19)
os.execv(sys.argv[1], sys.argv[1:])
"""
MEISHI = Path(sys.executable).with_name("meishi")
#: As many octets a pipe holds at most, less what its last page may leave over.
PIPE_FULL = 48 * 1024
NAMES = ("Anna Ek", "Bo Lindqvist", "Carl Berg")


@pytest.fixture
def run(environment: None, capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Run `meishi contacts export` and return exit code, output and messages."""
    (script,) = entry_points(group="console_scripts", name="meishi")
    main = script.load()

    def run_export(*arguments: object) -> tuple[int, bytes, str]:
        capfdbinary.readouterr()  # what was logged before
        with pytest.raises(SystemExit) as ended:
            main(["contacts", "export", *map(str, arguments)])
        output = capfdbinary.readouterr()
        return int(ended.value.code or 0), output.out, output.err.decode()

    return run_export


@pytest.fixture
def people(contacts: ContactsClient) -> ContactsClient:
    """A workspace with three contacts."""
    for name in NAMES:
        contacts.create({"name": {"full": name}, "organisation": f"{name} AB"})
    return contacts


@pytest.fixture
def crowd(contacts: ContactsClient) -> ContactsClient:
    """A workspace with many contacts, of whom much is to be written."""
    note = "x" * 8_000
    contacts.upload("".join(vcard(f"FN:Person {n}", f"NOTE:{note}") for n in range(1_000)))
    return contacts


def answered(contacts: ContactsClient, name: str, **query: str) -> bytes:
    """Return the file that the web API makes."""
    answer = contacts.client.get(
        f"/api/v1/exports/contacts-{name}", query_string=query, headers=contacts.headers
    )
    content: bytes = answer.data
    answer.close()
    assert answer.status_code == 200, content
    return content


def told(outcome: tuple[int, bytes, str]) -> str:
    """Return what was said of a fault: a line and a hint, and nothing besides."""
    code, out, err = outcome
    assert code != 0
    assert out == b""
    error, hint = err.splitlines()
    assert error.startswith("Error: ")
    assert hint.startswith("Hint: ")
    return err


def test_the_file_is_that_of_the_web_api(
    run: Run, people: ContactsClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """In each format, over several pages, to standard output and into a file."""
    monkeypatch.setattr(file_formats, "MAX_PAGE", 2)
    for name in (form.name for form in FORMATS):
        expected = answered(people, name)
        assert expected
        assert run("--format", name) == (0, expected, ""), name
        code, out, err = run("--format", name, "--output", name)
        assert (code, out, err) == (0, f"3 contacts written to {name}.\n".encode(), "")
        assert (tmp_path / name).read_bytes() == expected
        assert not (tmp_path / f"{name}.part").exists()
    nobody = answered(people, "jcard", q="nobody")
    assert run("--format", "jcard", "--search", "nobody") == (0, nobody, "")


def test_filters_search_and_sort_are_those_of_the_web_api(run: Run, people: ContactsClient) -> None:
    """In its words, several together, and such of custom fields, too."""
    defined = people.client.post(
        "/api/v1/contacts/custom-fields",
        json={"key": "shoe_size", "title": "Shoe size", "type": "number"},
        headers=people.headers,
    )
    assert defined.status_code == 201, defined.text
    people.create({"name": {"full": "Dora Ek"}, "custom": {"shoe_size": 39}})
    for options, query in (
        ({"--filter": "organisation[prefix]=bo lind"}, {"filter[organisation][prefix]": "bo lind"}),
        ({"--filter": "custom.shoe_size[gte]=39"}, {"filter[custom.shoe_size][gte]": "39"}),
        ({"--search": "ek", "--sort": "-name"}, {"q": "ek", "sort": "-name"}),
        ({"--filter": "name[eq]=a=b"}, {"filter[name][eq]": "a=b"}),
    ):
        arguments = [word for pair in options.items() for word in pair]
        expected = answered(people, "ndjson", **query)
        assert run("--format", "ndjson", *arguments) == (0, expected, ""), options
    both = ("--filter", "name[prefix]=anna", "--filter", "organisation[prefix]=anna")
    _, out, _ = run("--format", "ndjson", *both)
    assert [json.loads(line)["name"]["full"] for line in out.splitlines()] == ["Anna Ek"]


def test_the_name_of_the_file_says_the_format(
    run: Run, people: ContactsClient, tmp_path: Path
) -> None:
    """Where it does; without a name it is a vCard."""
    for file, name in (("a.vcf", "vcard"), ("b.CSV", "csv"), ("c.ndjson", "ndjson")):
        assert run("--output", file)[0] == 0
        assert (tmp_path / file).read_bytes() == answered(people, name)
    assert run()[1] == answered(people, "vcard")


REFUSED: list[tuple[list[str | bytes], str]] = [
    (["--format", "xml"], "There is no format 'xml'.\nHint: There are: vcard, vcard3, jcard"),
    (["--output", "a.json"], "'a.json' does not say which format is meant.\nHint: Say it with"),
    (["--output", "a.xml"], "'a.xml' does not say which format is meant."),
    (["--filter", "lind"], "'lind' is no filter.\nHint: Write FIELD[OPERATOR]=VALUE"),
    (["--filter", "town[eq]=x"], "no filter 'town[eq]'.\nHint: Filter by id, kind, uid, name,"),
    (["--filter", "name[gt]=x"], "'name[gt]'.\nHint: There is: name[eq], name[prefix].\n"),
    (["--filter", "kind[eq]=dog"], "--filter 'kind[eq]': Must be one of: individual"),
    (["--filter", "custom.x[all]=y"], "'custom.x[all]': Unknown field.\nHint: Write custom."),
    (["--filter", "custom.x[eq]=y"], "Hint: The list of contacts in the web API"),
    (["--filter", b"name[eq]=\xff"], "characters in the query that no text has.\nHint: "),
    (["--filter", "name[eq]=a", "--filter", "name[eq]=b"], "is given more than once.\nHint: "),
    (["--sort", "shoes"], "--sort is not understood.\nHint: Sort by some of: name,"),
    (["--search", ""], "--search is not understood.\nHint: "),
    (["--workspace", "three"], "There is no workspace 'three'.\nHint: "),
    (["--output", "missing/a.vcf"], "missing/a.vcf cannot be written: No such file"),
    (["--output", "folder"], "folder is a folder.\nHint: "),
    (["--output", "old.vcf"], "old.vcf is there already.\nHint: Add --force"),
    (["--output", f"{'x' * 252}.vcf"], "cannot be written: File name too long.\nHint: "),
]


def test_what_cannot_be_done_is_said_in_a_line_with_a_hint(
    run: Run, people: ContactsClient, tmp_path: Path
) -> None:
    """Nothing is written, and what is there stays as it is."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "old.vcf").write_text("old")
    before = sorted(tmp_path.rglob("*"))
    for arguments, message in REFUSED:
        assert message in told(run(*map(os.fsdecode, arguments)))
        assert sorted(tmp_path.rglob("*")) == before, message
    assert (tmp_path / "old.vcf").read_text() == "old"


def test_a_file_is_replaced_only_by_force_and_only_when_the_new_one_is_whole(
    run: Run, people: ContactsClient, tmp_path: Path
) -> None:
    """Also behind a link, which stays one; others than its owner cannot read it."""
    file, link = tmp_path / "people.ndjson", tmp_path / "link.ndjson"
    file.write_text("old")
    file.chmod(0o644)
    link.symlink_to(file)
    assert told(run("--output", link, "--force", "--filter", "custom.x[eq]=y"))
    assert file.read_text() == "old"
    assert told(run("--output", link))
    assert run("--output", link, "--force")[0] == 0
    assert link.is_symlink()
    assert file.read_bytes() == answered(people, "ndjson")
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_file_that_came_meanwhile_is_not_replaced(
    run: Run, people: ContactsClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody made it while contacts were being read."""
    file = tmp_path / "people.vcf"
    monkeypatch.setattr(os, "fsync", lambda _: file.write_text("theirs"))
    assert "is there already" in told(run("--output", file))
    assert file.read_text() == "theirs"
    assert not (tmp_path / "people.vcf.part").exists()


def test_two_exports_do_not_mix_in_one_file(
    run: Run, people: ContactsClient, tmp_path: Path
) -> None:
    """The second one is refused while the first one writes, and leaves that alone."""
    part = tmp_path / "people.vcf.part"
    part.write_text("being written")
    with part.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert "is being written by another command" in told(run("--output", "people.vcf"))
    assert part.read_text() == "being written"
    assert run("--output", "people.vcf")[0] == 0
    assert (tmp_path / "people.vcf").read_bytes() == answered(people, "vcard")


def test_what_is_written_beside_is_no_link_to_somewhere_else(
    run: Run, people: ContactsClient, tmp_path: Path
) -> None:
    """Who may write into the folder cannot have another file overwritten."""
    other = tmp_path / "other"
    other.write_text("other")
    (tmp_path / "people.vcf.part").symlink_to(other)
    assert "people.vcf cannot be written" in told(run("--output", "people.vcf"))
    assert other.read_text() == "other"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_full_disk_is_said(environment: None, run: Run, people: ContactsClient) -> None:
    """Under a device that is named, and under standard output."""
    assert "/dev/full cannot be written: No space left" in told(run("--output", "/dev/full"))
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [MEISHI, "contacts", "export"], stdout=full, stderr=subprocess.PIPE, check=False
        )
    message = "Error: Standard output cannot be written: No space left on device.\nHint: "
    assert told((ended.returncode, b"", ended.stderr.decode())).startswith(message)


def test_disk_that_fills_up_leaves_nothing(run: Run, crowd: ContactsClient, tmp_path: Path) -> None:
    """The beginning of a file goes again, and the old file stays."""
    file = tmp_path / "people.vcf"
    file.write_text("old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
    try:
        outcome = run("--output", file, "--force")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "people.vcf cannot be written: File too large.\nHint: See whether" in told(outcome)
    assert file.read_text() == "old"
    assert not (tmp_path / "people.vcf.part").exists()


def test_who_reads_a_pipe_may_stop(environment: None, crowd: ContactsClient) -> None:
    """Nothing is said of it."""
    with subprocess.Popen(
        [MEISHI, "contacts", "export"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"BEGIN:VCARD\r\n"
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


def test_closed_output_is_said(environment: None, people: ContactsClient) -> None:
    """What would come to stand in its place is not written into."""
    ended = subprocess.run(
        ["sh", "-c", '"$0" contacts export >&-', MEISHI], capture_output=True, check=False
    )
    assert "Standard output is closed" in told((ended.returncode, b"", ended.stderr.decode()))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_what_is_broken_off_looks_like_no_file(
    environment: None, run: Run, crowd: ContactsClient, tmp_path: Path, number: signal.Signals
) -> None:
    """Only Ctrl-C clears its beginning away; the next export makes it whole in any case."""
    file, part = tmp_path / "people.vcf", tmp_path / "people.vcf.part"
    command = [sys.executable, "-c", BECOME, str(MEISHI), "contacts", "export"]
    with subprocess.Popen([*command, "--output", str(file)], stderr=subprocess.PIPE) as process:
        while process.poll() is None and not (part.exists() and part.stat().st_size):
            time.sleep(0.001)
        process.send_signal(number)
        process.communicate()
    assert process.returncode in {-signal.SIGKILL, 130}
    assert not file.exists()
    assert part.exists() is (number == signal.SIGKILL)
    assert run("--output", file)[1] == f"1000 contacts written to {file}.\n".encode()
    assert file.read_bytes() == answered(crowd, "vcard")
    assert not part.exists()


def test_no_transaction_is_open_while_somebody_takes_their_time(
    environment: None, crowd: ContactsClient, plugin_database: Location
) -> None:
    """What is read slowly, as in a pager, holds nothing in the database."""
    assert plugin_database.admin_url is not None
    with (
        psycopg.connect(plugin_database.admin_url, autocommit=True) as admin,
        subprocess.Popen([MEISHI, "contacts", "export"], stdout=subprocess.PIPE) as process,
    ):
        assert process.stdout is not None
        waiting = 0
        while waiting < PIPE_FULL:  # then it stands still, in the middle of the first page
            octets = fcntl.ioctl(process.stdout, termios.FIONREAD, b"\0" * 4)
            waiting = int.from_bytes(octets, sys.byteorder)
            time.sleep(0.005)
        assert admin.execute(IN_TRANSACTION).fetchone() == (0,)
        assert process.stdout.read() == answered(crowd, "vcard")
    assert process.returncode == 0


def test_progress_is_shown_on_a_terminal_alone(
    environment: None, people: ContactsClient, tmp_path: Path
) -> None:
    """It goes to standard error, where the file is not shown as well."""
    for to_terminal in (False, True):
        leader, follower = pty.openpty()
        ended = subprocess.run(
            [MEISHI, "contacts", "export", "--format", "ndjson"],
            env=os.environ | {"TERM": "xterm"},
            stdout=follower if to_terminal else subprocess.PIPE,
            stderr=follower,
            check=True,
        )
        os.close(follower)
        shown = shown_on(leader)
        assert (b"Exporting" in shown) is not to_terminal
        if not to_terminal:
            assert ended.stdout == answered(people, "ndjson")


def shown_on(terminal: int) -> bytes:
    """Return what a terminal has shown that nobody writes to any more, and close it."""
    shown = b""
    try:
        while True:
            shown += os.read(terminal, 4096)
    except OSError as error:
        if error.errno != errno.EIO:  # which is how it ends
            raise
    os.close(terminal)
    return shown

from uuid import uuid4

import pytest

from meishi.command.output import print_table

pytestmark = pytest.mark.once


def test_cells_are_printed_as_they_are(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Brackets of a reason are no markup: none is swallowed, and none is an error."""
    monkeypatch.setenv("COLUMNS", "200")
    cells = ("[plugin.qr] is wrong", "ValueError('[/x]')", "[red]x", ":smile:", "a\\[b]")
    print_table(("reason",), [(cell,) for cell in cells])
    printed = capsys.readouterr().out.splitlines()
    assert tuple(line.rstrip() for line in printed[1:]) == cells


def test_a_row_is_one_line_where_no_terminal_is(capsys: pytest.CaptureFixture[str]) -> None:
    """What goes through a pipe can be searched by line, however long a cell is."""
    print_table(("event", "error"), [("first", "word " * 100), ("second", "short")])
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [
        "event",
        "first",
        "second",
    ]


def test_ids_are_never_folded(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A terminal that is too narrow for a row still shows each id and name as one word."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "60")
    cells = (str(uuid4()), "crm_contacts.main", "contact.created.v1", str(uuid4()), "all is lost")
    print_table(("event", "subscription", "type", "key", "error"), [cells])
    assert set(cells[:4]) <= set(capsys.readouterr().out.split())

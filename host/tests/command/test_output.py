import pytest

from meishi.command.output import print_table


def test_cells_are_printed_as_they_are(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Brackets of a reason are no markup: none is swallowed, and none is an error."""
    monkeypatch.setenv("COLUMNS", "200")
    cells = ("[plugin.qr] is wrong", "ValueError('[/x]')", "[red]x", ":smile:", "a\\[b]")
    print_table(("reason",), [(cell,) for cell in cells])
    printed = capsys.readouterr().out.splitlines()
    assert tuple(line.rstrip() for line in printed[1:]) == cells

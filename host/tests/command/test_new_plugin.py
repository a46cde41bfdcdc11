"""`meishi new-plugin`: which names it takes, and that it leaves nothing half-written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from meishi.new_plugin.host_source import source_in
from meishi.testing.packages import PluginPackages

from .conftest import Run

pytestmark = pytest.mark.no_calls

MALFORMED = "Take a small letter and up to 28 more, digits or single underscores: "


@pytest.mark.parametrize(
    ("name", "error", "hint"),
    [
        ("Hello World", "'Hello World' cannot be the name of a plugin.", f"{MALFORMED}hello_world"),
        ("two__lines", "'two__lines' cannot be the name of a plugin.", f"{MALFORMED}two_lines."),
        ("ends_", "'ends_' cannot be the name of a plugin.", f"{MALFORMED}ends."),
        ("7up", "'7up' cannot be the name of a plugin.", f"{MALFORMED}my_7up."),
        ("pg_more", "'pg_more' cannot be the name of a plugin.", f"{MALFORMED}my_pg_more."),
        ("../up", "'../up' cannot be the name of a plugin.", f"{MALFORMED}up."),
        ("é", "'é' cannot be the name of a plugin.", f"{MALFORMED}hello."),
        (30 * "a", f"'{30 * 'a'}' cannot be the name of a plugin.", f"{MALFORMED}{29 * 'a'}."),
        ("lambda", "'lambda' is a word of Python.", "Add one to it: my_lambda."),
        ("order", "'order' is a word of SQL.", "Add one to it: my_order."),
        ("billing", "'billing' is reserved for the host.", "A name of its own would do: my_bill"),
        ("personal_data", "'personal_data' is reserved for the host.", "A name of its own would"),
        ("serve", "'serve' is reserved for the host.", "A name of its own would do: my_serve."),
        ("public", "'public' is reserved for the host.", "A name of its own would do: my_public."),
        ("shell", "'shell' is reserved for the host.", "A name of its own would do: my_shell."),
        ("tests", "'tests' is a folder of the new package itself.", "Choose another name."),
        ("qr", "'qr' is taken by the plugin qr, which is installed here.", "`meishi plugins` li"),
        ("contacts", "'contacts' is taken by the plugin crm_contacts, which", "`meishi plugins`"),
        ("json", "'json' is taken by another Python package.", "Choose another name."),
        ("flask", "'flask' is taken by another Python package.", "Choose another name."),
    ],
)
def test_a_name_that_cannot_be_taken_is_refused(
    run: Run, tmp_path: Path, name: str, error: str, hint: str
) -> None:
    """One line says why and one what to do; no folder is made."""
    result = run("new-plugin", name)
    told, hinted = result.err.splitlines()
    assert told.startswith(f"Error: {error}")
    assert hinted.startswith(f"Hint: {hint}")
    assert result.code == 1
    assert list(tmp_path.iterdir()) == []


def test_a_prefix_that_is_taken_is_refused(run: Run, packages: PluginPackages) -> None:
    """Addresses are spelt with dashes: two plugins must not come to the same one."""
    packages.add("memos", api_prefix="my-notes")
    assert run("new-plugin", "my_notes").err.splitlines()[0] == (
        "Error: 'my_notes' is taken by the plugin memos, which is installed here."
    )


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_what_is_there_is_left_alone(run: Run, tmp_path: Path, kind: str) -> None:
    """Neither a folder, nor a file, nor a link that leads nowhere is written over."""
    place = tmp_path / "hello"
    if kind == "folder":
        place.mkdir()
    elif kind == "file":
        place.touch()
    else:
        place.symlink_to(tmp_path / "nowhere")
    result = run("new-plugin", "hello")
    assert result.err.splitlines() == [
        "Error: hello is there already.",
        "Hint: Name another one by --folder.",
    ]
    assert [file.name for file in tmp_path.iterdir()] == ["hello"]


def test_a_folder_that_cannot_be_made_is_told_in_one_line(run: Run, tmp_path: Path) -> None:
    """The message names the folder and what the system said."""
    result = run("new-plugin", "hello", "--folder", "nowhere/hello")
    assert result.err.splitlines()[0] == (
        "Error: nowhere/hello cannot be written: No such file or directory."
    )
    assert list(tmp_path.iterdir()) == []


def test_a_package_is_written_whole(run: Run, tmp_path: Path) -> None:
    """Every module of the pattern is there, in the folder that was named, and nothing beside it."""
    result = run("new-plugin", "my_notes", "--folder", "some where")
    assert result.out == "Wrote some where. Go on with: cd 'some where' && make test\n"
    assert [file.name for file in tmp_path.iterdir()] == ["some where"]
    inside = tmp_path / "some where" / "src" / "my_notes"
    modules = {file.stem for file in inside.glob("*.py")}
    assert modules == {
        "__init__", "cli", "contract", "jobs", "models", "pages", "plugin", "repository", "routes",
        "schemas", "service", "settings", "subscribers",
    }  # fmt: skip
    written = [file for file in (tmp_path / "some where").rglob("*") if file.is_file()]
    assert [file for file in written if "@@" in file.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize(
    ("record", "source"),
    [
        ({"url": "file:///src/host", "dir_info": {"editable": True}}, "--editable /src/host"),
        ({"url": "file:///my%20src/host", "dir_info": {}}, "'/my src/host'"),
        ({"url": "file:///w/meishi-1.0.whl", "archive_info": {}}, "/w/meishi-1.0.whl"),
        ({"url": "https://example.org/m.whl", "archive_info": {}}, "https://example.org/m.whl"),
        (
            {
                "url": "https://example.org/meishi.git",
                "vcs_info": {"vcs": "git", "commit_id": "abc", "requested_revision": "main"},
            },
            "'meishi @ git+https://example.org/meishi.git@abc'",
        ),
    ],
)
def test_the_host_is_taken_from_where_it_is(record: dict[str, Any], source: str) -> None:
    """Whatever installed it, pip gets the same one again, and the shell one word."""
    assert source_in(record) == source

"""What `git commit` refuses where `make hooks` was run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: What takes seconds, and is run by `make check` and by the tests of the imports anyway.
SLOW = "types,imports"
#: Apart from its dashes, since this file would be refused otherwise.
KEY = "RSA PRIVATE KEY"

pytestmark = [
    pytest.mark.no_calls,
    pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here"),
]


@dataclass(frozen=True)
class Refused:
    """A file that must not be committed, and the hook that says so."""

    file: str
    text: str
    hook: str


REFUSED = {
    "a badly formatted module": Refused("host/new.py", '"""New."""\nx = [1,2 ]\n', "format"),
    "a module with a fault": Refused("host/new.py", "import os\n", "lint"),
    "a note with a wrong name": Refused("changes/+new.wrong.md", "New.\n", "notes"),
    "a marker of a merge": Refused("docs/new.md", "<<<<<<< HEAD\nNew\n", "merge-markers"),
    "a private key": Refused("new.pem", f"-----BEGIN {KEY}-----\n", "private-keys"),
    "a large file": Refused("new.svg", "x" * 1_100_000 + "\n", "large-files"),
    "white space at the end of a line": Refused("docs/new.md", "New \n", "trailing-whitespace"),
    "a last line without an end": Refused("docs/new.md", "New", "end-of-file"),
}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of what stands in this one, with the same environment."""
    folder = tmp_path_factory.mktemp("checkout")
    listed = _run(ROOT, "git", "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    if listed.returncode:
        pytest.skip("this is no checkout of git")
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    (folder / ".venv").symlink_to(sys.prefix)
    for command in ("init --quiet", "add ."):
        _run(folder, "git", *command.split()).check_returncode()
    return folder


def test_what_stands_here_passes(checkout: Path) -> None:
    """No hook has anything to say of the files that are here, nor changes any."""
    result = _hooks(checkout, "--all-files")
    assert result.returncode == 0, result.stdout
    assert _run(checkout, "git", "diff", "--exit-code").returncode == 0


@pytest.mark.parametrize("refused", REFUSED.values(), ids=list(REFUSED))
def test_what_must_not_be_committed_is_refused(checkout: Path, refused: Refused) -> None:
    """The hook that is meant for it fails, and no other."""
    file = checkout / refused.file
    file.write_text(refused.text, "utf-8")
    try:
        _run(checkout, "git", "add", "--force", refused.file).check_returncode()
        result = _hooks(checkout, "--files", refused.file)
    finally:
        _run(checkout, "git", "rm", "--quiet", "--force", refused.file).check_returncode()
    assert result.returncode == 1
    failed = [line for line in result.stdout.splitlines() if line.startswith("- hook id: ")]
    assert failed == [f"- hook id: {refused.hook}"], result.stdout


def _hooks(checkout: Path, *files: str) -> subprocess.CompletedProcess[str]:
    return _run(checkout, sys.executable, "-m", "pre_commit", "run", "--color=never", *files)


def _run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    # Inside a hook, git names the repository that it works for, and that is not this one.
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(
        command,
        cwd=folder,
        env=kept | {"SKIP": SLOW, "PRE_COMMIT_HOME": str(folder / ".git" / "pre-commit")},
        capture_output=True,
        text=True,
        check=False,
    )

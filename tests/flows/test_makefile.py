"""What `make` does before there is anything to run."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


pytestmark = [
    pytest.mark.no_calls,
    pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here"),
]


def test_a_home_that_cannot_be_written_does_not_stop_the_installation(tmp_path: Path) -> None:
    """The cache is in the home folder where that can be, and else in the environment."""
    assert _cache_with(home=tmp_path) == str(tmp_path / ".cache/uv")
    assert _cache_with(home=Path(os.devnull)) == str(REPOSITORY / ".venv/cache")


@pytest.mark.parametrize(
    ("target", "waits"),
    [("demo", False), ("test", False), ("changelog", False), ("docs", True), ("check", True)],
)
def test_only_the_site_waits_for_what_builds_it(target: str, waits: bool) -> None:
    """Neither demo nor tests install the tools of the site."""
    told = _make("--dry-run", "--what-if=requirements-docs.lock", target)
    assert ("-r requirements-docs.lock" in told) is waits


def _cache_with(home: Path) -> str:
    """Return the folder in which `make` lets uv keep its cache."""
    return _make("--eval", "cache: ; @echo $(UV_CACHE)", "cache", HOME=str(home)).strip()


def _make(*arguments: str, **environment: str) -> str:
    """Return what `make` says, as it does for somebody who is not in another one already."""
    foreign = {"UV_CACHE_DIR", "XDG_CACHE_HOME", "MAKEFLAGS", "MAKELEVEL"}
    kept = {name: value for name, value in os.environ.items() if name not in foreign}
    told = subprocess.run(
        ["make", *arguments],
        cwd=REPOSITORY,
        env=kept | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return told.stdout

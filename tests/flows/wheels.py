"""Environments of programs that come from wheels, without anything of this checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[2]

_UV = Path(sys.executable).with_name("uv")


def build_members(folder: Path) -> list[Path]:
    """Build the wheels of the host and of all plugins."""
    subprocess.run(
        ["make", f"DIST={folder}", "--assume-old=.venv/.installed", "wheels"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
        check=True,
    )
    return sorted(folder.glob("*.whl"))


def build(project: Path, folder: Path) -> Path:
    """Build the wheel of a project that is no member."""
    options = ["--quiet", "--wheel", "--offline", "--no-build-isolation"]
    subprocess.run([_UV, "build", *options, "--out-dir", folder, project], check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def environment_of(wheels: Iterable[Path], folder: Path) -> Path:
    """Return the programs of a new environment with these wheels.

    Libraries are those of the running one: they are found there, and what is installed there in
    an editable way is not.
    """
    venv.create(folder, with_pip=False)
    install(wheels, folder)
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "libraries.pth").write_text(f"{sysconfig.get_path('purelib')}\n", "utf-8")
    return folder / "bin"


def install(wheels: Iterable[Path], folder: Path) -> None:
    """Install wheels into an environment."""
    options = ["--quiet", "--offline", "--no-deps", "--no-cache"]
    python = folder / "bin" / "python"
    subprocess.run([_UV, "pip", "install", *options, "--python", python, *wheels], check=True)


def uninstall(name: str, folder: Path) -> None:
    """Take a package out of an environment."""
    python = folder / "bin" / "python"
    subprocess.run([_UV, "pip", "uninstall", "--quiet", "--python", python, name], check=True)

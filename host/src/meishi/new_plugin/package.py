"""Writes the package of a new plugin: all of it, or nothing."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from string import Template

from meishi.errors import OperatorError
from meishi.new_plugin.host_source import host_range, host_source
from meishi.new_plugin.names import PluginName

TEMPLATE = Path(__file__).parent / "template"

#: What files of the template end in, so that no tool takes them for what they become.
_SUFFIX = ".in"

#: Stands for the name of the plugin in the paths of the template.
_NAME = "NAME"


class _Text(Template):
    """Text with `@@{key}` where a value belongs: a sign that no language in it uses."""

    delimiter = "@@"


def write_package(name: PluginName, folder: Path) -> None:
    """Write the package into a new folder, which is there when all of it is."""
    if os.path.lexists(folder):
        raise OperatorError(f"{folder} is there already.", hint="Name another one by --folder.")
    with _beside(folder) as made:
        for path, text in _files(_values(name)):
            file = made / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        source = host_source()
        if source:
            (made / ".host").write_text(f"{source}\n", encoding="utf-8")


def _values(name: PluginName) -> Mapping[str, str]:
    return {
        "name": name.name,
        "Name": name.camel,
        "title": name.title,
        "prefix": name.prefix,
        "event": name.event,
        "distribution": f"meishi-{name.prefix}",
        "host_range": host_range(),
    }


def _files(values: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    """Yield path and text of every file of the package."""
    for file in sorted(TEMPLATE.rglob(f"*{_SUFFIX}")):
        path = file.relative_to(TEMPLATE)
        parts = [values["name"] if part == _NAME else part for part in path.parts]
        text = _Text(file.read_text(encoding="utf-8")).substitute(values)
        yield Path(*parts).with_name(path.name.removesuffix(_SUFFIX)), text


@contextmanager
def _beside(folder: Path) -> Iterator[Path]:
    """Yield a folder that becomes the wanted one at the end of the block, and is gone otherwise."""
    try:
        made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.absolute().parent))
        try:
            yield made
            made.chmod(0o755)
            made.rename(folder)
        finally:
            shutil.rmtree(made, ignore_errors=True)
    except OSError as error:
        raise OperatorError(
            f"{folder} cannot be written: {error.strerror}.", hint="Name another one by --folder."
        ) from error

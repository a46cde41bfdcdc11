"""Catalogues: what texts are called in other languages, by the plugin that shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from gettext import NullTranslations
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

#: The languages that the console speaks, by their own names.
LANGUAGES = {"en": "English", "de": "Deutsch"}
#: The language in which texts are written.
WRITTEN = "en"

_OURS = "meishi.web"
_OUR_NAME = "meishi"


class Catalogues:
    """All texts of an application, read once when it starts.

    A plugin's own catalogue comes first, then the host's, then those of the other plugins in
    their order: some show each other's titles.
    """

    def __init__(self, packages: Mapping[str, str]) -> None:
        """Read the catalogues of plugins, given by their names with their packages."""
        self._chains = {
            language: _chains(packages, language) for language in LANGUAGES if language != WRITTEN
        }

    def of(self, plugin: str | None, language: str) -> NullTranslations:
        """Return the texts that a plugin shows in a language; the host's own for None."""
        chains = self._chains.get(language)
        if chains is None:
            return NullTranslations()
        return chains.get(plugin) or chains[None]


def catalogue_file(package: str, name: str, language: str) -> Path:
    """Return where a package's catalogue is; there may be none."""
    spec = find_spec(package)
    assert spec is not None
    folder = next(iter(spec.submodule_search_locations or ()))
    return Path(folder, "locales", language, "LC_MESSAGES", f"{name}.po")


def _chains(packages: Mapping[str, str], language: str) -> dict[str | None, NullTranslations]:
    ours = {None: catalogue_file(_OURS, _OUR_NAME, language)}
    own = {name: catalogue_file(package, name, language) for name, package in packages.items()}
    files = {name: file for name, file in (ours | own).items() if file.is_file()}
    return {name: _chain(name, files, language) for name in {None, *files}}


def _chain(first: str | None, files: Mapping[str | None, Path], language: str) -> NullTranslations:
    found = NullTranslations()
    for place, file in enumerate(_in_order(first, files)):
        texts = _read(file.read_bytes(), language)
        if place:
            found.add_fallback(texts)
        else:
            found = texts
    return found


def _in_order(first: str | None, files: Mapping[str | None, Path]) -> Iterator[Path]:
    names = dict.fromkeys((first, None, *files))
    return (files[name] for name in names if name in files)


def _read(written: bytes, language: str) -> Translations:
    return Translations(BytesIO(_compiled(written, language)))


@cache
def _compiled(written: bytes, language: str) -> bytes:
    """Return a catalogue as gettext reads it, without what nobody has looked through (fuzzy)."""
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(written), language))
    return compiled.getvalue()

"""Updating: the catalogues of packages follow their texts, and keep what is translated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

import meishi
from meishi.lifecycle.discovery import FoundPlugin, discover
from meishi.testing.texts.extraction import extracted
from meishi.web.catalogues import LANGUAGES, WRITTEN

#: The languages into which texts are translated.
TRANSLATED = tuple(language for language in LANGUAGES if language != WRITTEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A package with texts: `home` is the folder that its `locales/` stands in."""

    name: str
    folder: Path
    home: Path
    plugins: Sequence[FoundPlugin]

    def texts(self) -> Catalog:
        """Return its texts as they are now."""
        return extracted(self.folder, self.plugins)

    def catalogue(self, language: str) -> Path:
        """Return where its texts in a language are."""
        return self.home / "locales" / language / "LC_MESSAGES" / f"{self.name}.po"

    def translated(self, language: str) -> Catalog:
        """Return its texts in a language, as they were written down."""
        file = self.catalogue(language)
        if not file.is_file():
            return Catalog(language, charset="utf-8")
        with file.open("rb") as written:
            return read_po(written, language)


def sources() -> list[Source]:
    """Return the host with its built-in plugins, and every other installed plugin."""
    found = discover()
    folder = Path(meishi.__path__[0])
    built_in = [plugin for plugin in found if plugin.built_in]
    ours = Source(name="meishi", folder=folder, home=folder / "web", plugins=built_in)
    return [ours, *(_source(plugin) for plugin in found if not plugin.built_in and plugin.folder)]


def _source(plugin: FoundPlugin) -> Source:
    assert plugin.folder is not None
    return Source(name=plugin.name, folder=plugin.folder, home=plugin.folder, plugins=[plugin])


def update(source: Source) -> None:
    """Write a package's catalogues anew: new texts are empty there, and old ones are gone."""
    for language in TRANSLATED:
        catalogue = source.translated(language)
        catalogue.update(source.texts(), no_fuzzy_matching=True, update_creation_date=False)
        catalogue.obsolete.clear()
        written = BytesIO()
        write_po(
            written, catalogue, width=100, sort_output=True, omit_header=True,
            no_location=True, ignore_obsolete=True,
        )  # fmt: skip
        file = source.catalogue(language)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(written.getvalue().rstrip() + b"\n")

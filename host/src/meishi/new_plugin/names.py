"""What a new plugin is called, and in which ways a name cannot be taken."""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Collection
from dataclasses import dataclass
from importlib.util import find_spec

from meishi.errors import OperatorError
from meishi.lifecycle.discovery import discover
from meishi.lifecycle.manifest import ManifestError, parse_manifest
from meishi.lifecycle.reserved import reserved_name

#: What every PostgreSQL has already.
_DB_SCHEMAS = frozenset({"information_schema", "public"})

#: Where the package has its sources and its tests: one of the same name would be found there.
_FOLDERS = frozenset({"src", "tests"})


@dataclass(frozen=True, slots=True)
class PluginName:
    """The name of a plugin in the forms in which its package spells it."""

    name: str

    @property
    def prefix(self) -> str:
        """The name as addresses and commands have it."""
        return self.name.replace("_", "-")

    @property
    def camel(self) -> str:
        """The name as classes begin with it."""
        return "".join(word.capitalize() for word in self.name.split("_"))

    @property
    def title(self) -> str:
        """The name as people read it."""
        return self.name.replace("_", " ").capitalize()

    @property
    def event(self) -> str:
        """The name as types of events begin with it: these have no digits."""
        return re.sub("[0-9]", "", self.name).strip("_")


def checked_name(name: str, commands: Collection[str]) -> PluginName:
    """Return the name of a plugin that can be made; raise what is wrong with it.

    `commands` are those of the host, of which no plugin may have one.
    """
    found = PluginName(name)
    for refuse in (_refuse_malformed, _refuse_words):
        refuse(name)
    if reserved_name(name, found.prefix) or found.prefix in commands or name in _DB_SCHEMAS:
        raise OperatorError(
            f"{name!r} is reserved for the host.", hint=f"A name of its own would do: my_{name}."
        )
    if name in _FOLDERS:
        raise OperatorError(
            f"{name!r} is a folder of the new package itself.", hint="Choose another name."
        )
    _refuse_taken(found)
    return found


def _refuse_malformed(name: str) -> None:
    try:
        parse_manifest({"name": name, "title": "", "version": "1", "host": "*"})
    except ManifestError as error:
        raise OperatorError(
            f"{name!r} cannot be the name of a plugin.",
            hint="Take a small letter and up to 28 more, digits or single underscores: "
            f"{_proposed(name)}.",
        ) from error


def _proposed(name: str) -> str:
    """Return a name like the one that was asked for."""
    words = re.findall("[a-z0-9]+", name.lower())
    return re.sub("^([0-9]|pg_)", r"my_\1", "_".join(words))[:29].rstrip("_") or "hello"


def _refuse_words(name: str) -> None:
    """Refuse what means something else in Python, or in SQL where it stands unquoted."""
    from sqlalchemy.dialects.postgresql.base import RESERVED_WORDS

    for language, words in (("Python", keyword.kwlist), ("SQL", RESERVED_WORDS)):
        if name in words:
            raise OperatorError(
                f"{name!r} is a word of {language}.", hint=f"Add one to it: my_{name}."
            )


def _refuse_taken(found: PluginName) -> None:
    for plugin in discover():
        prefix = plugin.manifest.prefix if plugin.manifest is not None else ""
        if plugin.name == found.name or prefix == found.prefix:
            raise OperatorError(
                f"{found.name!r} is taken by the plugin {plugin.name}, which is installed here.",
                hint="`meishi plugins` lists all; choose another name.",
            )
    if found.name in sys.stdlib_module_names or find_spec(found.name) is not None:
        raise OperatorError(
            f"{found.name!r} is taken by another Python package.", hint="Choose another name."
        )

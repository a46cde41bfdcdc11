"""Extraction: the texts of a package, out of its modules, its templates and its declarations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir

from meishi.lifecycle.discovery import FoundPlugin
from meishi.sdk.contract import DomainError, Role

_METHODS = [
    ("**/migrations/**", "ignore"),
    ("**/http/docs/**", "ignore"),
    ("**.py", "python"),
    ("**/templates/**.html", "jinja2"),
]
#: Jinja's extractor is not silent about what it cannot read, and trims as the host does.
_OPTIONS = {"**/templates/**.html": {"silent": "false", "trim_blocks": "true"}}
_KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "noted": None}
_DECLARING = (
    "pages", "navigation", "panels", "permissions", "search_providers", "importers", "exporters",
)  # fmt: skip


def extracted(folder: Path, plugins: Sequence[FoundPlugin]) -> Catalog:
    """Return the texts of a package's folder, and of what its plugins declare."""
    found = Catalog(charset="utf-8")
    texts = extract_from_dir(folder, _METHODS, _OPTIONS, keywords=_KEYWORDS)
    for file, _line, message, _comments, _context in texts:
        found.add(message, locations=[(Path(file).as_posix(), 0)])
    for plugin in plugins:
        for text in _declared(plugin):
            found.add(text, locations=[(f"{plugin.name}: declared", 0)])
    return found


def _declared(plugin: FoundPlugin) -> Iterator[str]:
    """Yield the words that a page shows of what a plugin declares."""
    module = import_module(plugin.module)
    assert plugin.manifest is not None
    yield plugin.manifest.title
    for hook in _DECLARING:
        implemented = getattr(module, hook, None)
        # A plugin may have modules of these names.
        for item in implemented() if callable(implemented) else ():
            yield item.title
            if section := getattr(item, "section", ""):
                yield section
    contract = f"{module.__package__}.contract"
    yield from sorted(error.title for error in _errors(DomainError) if _in(error, contract))
    if plugin.name == "identity":
        yield from (role.value for role in Role)


def _errors(base: type[DomainError]) -> Iterator[type[DomainError]]:
    for error in base.__subclasses__():
        yield error
        yield from _errors(error)


def _in(error: type[DomainError], package: str) -> bool:
    return error.__module__ == package or error.__module__.startswith(f"{package}.")

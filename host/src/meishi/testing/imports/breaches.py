"""A breach of a boundary, and reading breaches from what import-linter found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck


@dataclass(frozen=True, slots=True, order=True)
class Breach:
    """One import that a boundary forbids, and the sentence that says what is allowed.

    `line` is 0 where no single line is at fault.
    """

    importer: str
    line: int
    imported: str
    rule: str

    def __str__(self) -> str:
        place = f"{self.importer}:{self.line}" if self.line else self.importer
        what = f" imports {self.imported}" if self.imported else ""
        return f"{place}{what}: {self.rule}"


def contract_breaches(
    contract: Contract, check: ContractCheck, graph: ImportGraph
) -> Iterator[Breach]:
    """Yield the breaches of one contract; its name is the rule.

    Of a chain of imports the first is named, and the end in brackets.
    """
    found: Mapping[str, Any] = check.metadata
    for chain in _chains(found):
        yield _breach(contract.name, chain)
    for warning in check.warnings:
        yield Breach(__package__, 0, "", f"an exception is not needed any more: {warning}")
    for module in found.get("undeclared_modules", ()):
        yield Breach(module, 0, "", contract.name)
    for links in found.get("cycle_breakers_by_package", {}).values():
        for importer, imported in sorted(links):
            details = graph.get_import_details(importer=importer, imported=imported)
            yield Breach(importer, details[0]["line_number"], imported, contract.name)


def _chains(found: Mapping[str, Any]) -> Iterator[list[Mapping[str, Any]]]:
    """Yield the imports at fault, each with those that follow it in its chain."""
    for package in found.get("illegal_imports", ()):
        yield from ([link] for link in package.illegal_links)
    for group in found.get("invalid_chains", ()):
        yield from group["chains"]
    for dependency in found.get("invalid_dependencies", ()):
        for route in dependency["routes"]:
            for first in (route["chain"][0], *route["extra_firsts"]):
                yield [first, *route["chain"][1:]]


def _breach(rule: str, chain: list[Mapping[str, Any]]) -> Breach:
    first, last = chain[0], chain[-1]
    imported = first["imported"]
    if last["imported"] != imported:
        imported = f"{imported} (which leads to {last['imported']})"
    return Breach(first["importer"], first["line_numbers"][0], imported, rule)

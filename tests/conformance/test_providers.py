"""What plugins provide to search, imports and exports, tried where there is nothing."""

from __future__ import annotations

import pytest

from meishi.testing.packages import PluginPackages

from .conftest import Bench, findings

PLUGIN = """
from meishi.sdk.plugin import (
    Exporter, ImportChunk, Importer, ImportPreview, Permission, SearchProvider, hookimpl,
)
from meishi.sdk.contract import DomainError
@hookimpl
def permissions():
    return [Permission(name="read", title="Read")]
def provider(name, search):
    return SearchProvider(name=name, title=name, search=search, permission="read")
def picky(wanted):
    if "%" in wanted.text:
        raise ValueError(wanted.text)
    return []
@hookimpl
def search_providers():
    return [
        provider("good", lambda wanted: []),
        provider("nothing", lambda wanted: None),
        provider("picky", picky),
    ]
def exporter(name, write, resource="stall.Pear"):
    return Exporter(name=name, title=name, resource=resource, media_type="text/plain",
                    suffix=".txt", write=write, permission="read")
@hookimpl
def exporters():
    return [
        exporter("fine", lambda wanted: [b"x"] * 99),
        exporter("first", lambda wanted: iter([wanted.conditions[0].value])),
        exporter("texts", lambda wanted: ["x"]),
        exporter("others", lambda wanted: ["x"], "nobody.Thing"),
    ]
class Unreadable(DomainError):
    code, title, status = "unreadable", "Unreadable", 422
def seen(file):
    if not file.read(1):
        raise Unreadable("It is empty.")
    return ImportPreview(columns=(), rows=())
def taken(file, task):
    return ImportChunk(following=None)
def importer(name, **fields):
    return Importer(**{"name": name, "title": name, "resource": "stall.Pear",
                       "media_types": ["text/plain"], "suffixes": [".txt"], "permission": "read",
                       "preview": seen, "run": taken} | fields)
@hookimpl
def importers():
    return [
        importer("reading"),
        importer("blind", preview=lambda file: file.read().decode("utf-8").split()),
        importer("turning", run=lambda file, task: ImportChunk(following=0)),
        importer("guessing", detect=lambda head: head[0] == 7),
    ]
"""


@pytest.mark.parametrize(
    "name", ["nothing", "picky", "first", "texts", "blind", "turning", "guessing"]
)
def test_a_provider_that_fails_is_found(
    packages: PluginPackages, bench_of: Bench, name: str
) -> None:
    """Its author learns it before anybody uses it; one that works is not named."""
    packages.add("stall", plugin=PLUGIN, api_prefix="stall")
    with bench_of("stall") as bench:
        found = findings(bench, "providers", "stall")
    assert len([message for message in found if repr(name) in message]) == 1
    assert len(found) == 7

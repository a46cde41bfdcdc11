"""Whether the API's document says what routes do, and an index finds every page of a list."""

from __future__ import annotations

from collections.abc import Iterator

from meishi.testing.conformance.findings import Fault
from meishi.testing.conformance.list_plans import list_plan_faults
from meishi.testing.conformance.list_requests import list_routes
from meishi.testing.conformance.route_documents import route_document_faults
from meishi.testing.conformance.workbench import Workbench


def document_faults(bench: Workbench, plugin: str) -> Iterator[Fault]:
    """Yield what the OpenAPI document lacks of a plugin's operations."""
    if bench.contribution(plugin).routes:
        for message in route_document_faults(bench.application, plugin):
            yield Fault(f"{message}.", "Say it where the operation or its schema is declared.")


def list_faults(bench: Workbench, plugin: str) -> Iterator[Fault]:
    """Yield each request of a list that reads much more than its page."""
    if any(list_routes(bench.contribution(plugin))):
        full = bench.full_application
        for message in list_plan_faults(full.app, full.location, full.tables, full.headers, plugin):
            yield Fault(f"{message}.", "See 'Documents and lists' in the documentation of plugins.")

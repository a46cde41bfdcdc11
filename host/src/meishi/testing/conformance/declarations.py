"""Whether a plugin loads, contract included, and imports what its manifest allows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from meishi.lifecycle.states import PluginState
from meishi.testing.conformance.findings import Fault
from meishi.testing.conformance.workbench import Workbench


def loading_faults(bench: Workbench, plugin: str) -> Iterator[Fault]:
    """Yield why a plugin is not active: the host gives the first reason only."""
    status = bench.plugins.statuses[plugin]
    if status.state is not PluginState.ACTIVE:
        message = f"It is {status.state.value}: {status.reason.removesuffix('.')}."
        yield Fault(message, "Mend this first: the rest can be checked when the plugin loads.")


def import_faults(bench: Workbench, plugin: str) -> Iterator[Fault]:
    """Yield each import that crosses a boundary."""
    own = re.compile(rf"{re.escape(bench.packages[plugin])}\b")
    for breach in bench.breaches:
        if own.match(breach.importer):
            what = f" imports {breach.imported}" if breach.imported else " is refused"
            place = f"{breach.importer}:{breach.line}" if breach.line else breach.importer
            yield Fault(f"{place}{what}.", f"The rule: {breach.rule}.")

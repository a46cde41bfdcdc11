"""The checks of the suite, in their order, and what running them brings to light."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from meishi.testing.conformance.declarations import (
    import_faults,
    loading_faults,
)
from meishi.testing.conformance.definer_functions import definer_function_faults
from meishi.testing.conformance.event_types import event_type_faults
from meishi.testing.conformance.findings import Fault, Finding, Note
from meishi.testing.conformance.foreign_keys import foreign_key_faults
from meishi.testing.conformance.migrations import migration_faults, upgrade_faults
from meishi.testing.conformance.others_resources import (
    extension_load_faults,
    merge_handler_faults,
)
from meishi.testing.conformance.placement import placement_faults
from meishi.testing.conformance.providers import provider_faults
from meishi.testing.conformance.rights import right_faults
from meishi.testing.conformance.row_security import row_security_faults
from meishi.testing.conformance.row_visibility import row_visibility_faults
from meishi.testing.conformance.structure import structure_faults
from meishi.testing.conformance.tracked_tables import change_tracking_faults
from meishi.testing.conformance.web import document_faults, list_faults
from meishi.testing.conformance.workbench import Workbench
from meishi.testing.conformance.workspace_keys import workspace_key_faults


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold of every plugin.

    `faults` is given the workbench and the plugin's name. Where an `essential` check finds a
    fault, those after it would only stumble over the same.
    """

    name: str
    promise: str
    faults: Callable[[Workbench, str], Iterator[Fault | Note]]
    essential: bool = False

    def result(self, bench: Workbench, plugin: str) -> Result:
        """Run the check on a plugin."""
        found = [*self.faults(bench, plugin)]
        return Result(
            check=self,
            findings=tuple(
                Finding(plugin=plugin, check=self.name, message=item.message, remedy=item.remedy)
                for item in found
                if isinstance(item, Fault)
            ),
            notes=tuple(item.message for item in found if isinstance(item, Note)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one check found; `skipped` if it was not run."""

    check: Check
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    skipped: bool = False


CHECKS = (
    Check(
        "loading", "manifest, contract and declarations are sound", loading_faults, essential=True
    ),
    Check("imports", "no import crosses a boundary", import_faults),
    Check("event-types", "events pass through the log unchanged", event_type_faults),
    Check("upgrade", "the revisions make the tables", upgrade_faults, essential=True),
    Check("migrations", "up, down and up again ends at the models", migration_faults),
    Check("placement", "everything stands in the own db_schema", placement_faults),
    Check("foreign-keys", "no foreign key leaves its db_schema", foreign_key_faults),
    Check("row-security", "the one policy is on every workspace table", row_security_faults),
    Check("workspace-keys", "the workspace comes first in every key", workspace_key_faults),
    Check("change-tracking", "what feeds tell misses no change", change_tracking_faults),
    Check("row-visibility", "rows are out of other workspaces' reach", row_visibility_faults),
    Check("rights", "nothing of other plugins can be reached", right_faults),
    Check("structure", "code changes neither structure nor its role", structure_faults),
    Check("definer-functions", "functions with rights are pinned", definer_function_faults),
    Check("documents", "the API's document says all that routes do", document_faults),
    Check("providers", "search, imports and exports get what they ask for", provider_faults),
    Check("lists", "an index finds every page of every list", list_faults),
    Check("extensions", "values of others' resources come at once", extension_load_faults),
    Check("merges", "a merge that is followed again moves nothing", merge_handler_faults),
)


def check_plugin(bench: Workbench, plugin: str) -> Iterator[Result]:
    """Yield the result of every check, each as soon as it is there."""
    stopped = False
    for check in CHECKS:
        if stopped:
            yield Result(check=check, skipped=True)
            continue
        result = check.result(bench, plugin)
        stopped = check.essential and bool(result.findings)
        yield result

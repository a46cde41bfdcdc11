"""What follows when two resources turn out to be one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from meishi.declarations.retry import RetryPolicy
from meishi.sdk.contract import Event

if TYPE_CHECKING:
    from marshmallow import Schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """How the owner of a resource tells that some of it were merged.

    `resource` is one of the plugin's resource schemas, `event` one that the plugin publishes in
    the transaction of the merge. `target` names its field with the id that goes on; `sources` the
    field with the ids that stand for it from now on, in a tuple. These are all that lead there,
    also what was merged into a source before: then every handler ends at the target, in whatever
    order failures let it follow two merges.

    `undone`, where merges can be taken back, is the event of that, with fields of the same names
    and the same subject: the first of its sources stands for itself again, and for the others.
    """

    resource: type[Schema]
    event: type[Event]
    sources: str
    target: str
    undone: type[Event] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeReport:
    """What went from the source to the target: `moved` has kind (`card`) and number."""

    moved: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmergeReport:
    """What became of what a merge had moved: kind (`card`) and number of each.

    `returned` went back from the target; `kept` stays there or elsewhere, as it was changed since,
    so that nobody can say whose it is.
    """

    returned: Mapping[str, int]
    kept: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeHandler:
    """What a plugin does with its own data when a resource of another plugin is merged.

    `kind` is the full name of the resource (`crm_contacts.Contact`); while nobody merges it,
    nothing happens. `handler` is called with the ids of source and target after the merge has
    been committed, in the same workspace, until it succeeds or `retry` gives up; called again it
    finds nothing to do. The source is gone by then.

    `undo` is called after a merge was taken back, behind `handler` and with the same patience,
    with the ids of sources and target: what came from any of the sources and is the target's now
    goes to the first of them. Without `undo` all stays with the target, and the audit says so.
    """

    kind: str
    handler: Callable[[UUID, UUID], MergeReport]
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    undo: Callable[[tuple[UUID, ...], UUID], UnmergeReport] | None = None

"""What follows when two resources turn out to be one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from meishi.declarations.retry import RetryPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeReport:
    """What went from the source to the target: `moved` has kind (`card`) and number."""

    moved: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeHandler:
    """What a plugin does with its own data when a resource of another plugin is merged.

    `kind` is the full name of the resource (`crm_contacts.Contact`). `handler` is called with the
    ids of source and target after the merge has been committed, in the same workspace, until it
    succeeds or `retry` gives up; called again it finds nothing to do. The source is gone by then.
    """

    kind: str
    handler: Callable[[UUID, UUID], MergeReport]
    retry: RetryPolicy = field(default_factory=RetryPolicy)

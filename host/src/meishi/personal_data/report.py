"""What every plugin did for a request, in every workspace."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from meishi.declarations import RetainedRecords


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginOutcome:
    """What one plugin did in one workspace, or in none for what belongs to the deployment.

    `failed` is a sentence: nothing was done then, and the request can be made again.
    """

    plugin: str
    workspace_id: UUID | None
    workspace: str | None
    exported: int = 0
    erased: int = 0
    anonymised: int = 0
    retained: tuple[RetainedRecords, ...] = ()
    failed: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether the plugin knew nothing of the person there."""
        return not (self.exported or self.erased or self.anonymised or self.retained or self.failed)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalDataReport:
    """What became of a request; who knew nothing of the person is left out."""

    outcomes: tuple[PluginOutcome, ...]

    @property
    def is_complete(self) -> bool:
        """Whether no plugin failed."""
        return not any(item.failed for item in self.outcomes)

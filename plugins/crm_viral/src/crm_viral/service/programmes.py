"""Programmes: what is promised, and what comes of it."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import UNSET

from crm_viral.cohorts import growth
from crm_viral.contract import (
    MAX_PAGE,
    Cohort,
    CohortInvalid,
    Growth,
    Programme,
    ProgrammeChanges,
    ProgrammeInvalid,
    ProgrammeNotFound,
    ProgrammePage,
    ProgrammeRules,
    ProgrammeState,
)
from crm_viral.repository import programmes
from meishi.sdk.contract import check_version
from meishi.sdk.plugin import PluginContext

#: What a programme promises: who was told so before keeps the older version of it.
_PROMISED = ("referrer_reward", "referee_reward", "window_days", "person_cap", "unit")
#: Amounts fit into a bigint however many of them are added up.
_MOST = 10**12
_LONGEST_WINDOW, _LONGEST_HORIZON = 365, 365


class ProgrammeService:
    """Implements `Programmes`; the bootstrap's `seed` makes intervals come out the same."""

    def __init__(self, context: PluginContext, seed: int = 20_261_128) -> None:
        self._clock = context.clock
        self._new_id = context.new_id
        self._seed = seed

    def create(self, rules: ProgrammeRules) -> Programme:
        """Begin a programme."""
        now = self._clock()
        programme = Programme(
            id=self._new_id(),
            rules=_checked(rules),
            rule_version=1,
            spent=0,
            version=1,
            created_at=now,
            updated_at=now,
        )
        programmes.add(programme)
        return programme

    def get(self, programme_id: UUID) -> Programme:
        """Return one programme."""
        found = programmes.get(programme_id)
        if found is None:
            raise unknown_programme(programme_id)
        return found

    def list(
        self,
        *,
        after: UUID | None = None,
        limit: int = 50,
        with_total: bool = False,
        newest: bool = False,
    ) -> ProgrammePage:
        """Return programmes in order of creation, or newest first."""
        found = programmes.listed(after, size(limit), with_total=with_total, newest=newest)
        return ProgrammePage(items=found[0], next_after=found[1], total=found[2])

    def change(
        self,
        programme_id: UUID,
        changes: ProgrammeChanges,
        *,
        versions: tuple[int, ...] | None = None,
    ) -> Programme:
        """Change a programme; what is promised anew has another rule version."""
        before = programmes.locked([programme_id]).get(programme_id)
        if before is None:
            raise unknown_programme(programme_id)
        check_version(before.version, versions)
        wanted = {item.name: getattr(changes, item.name) for item in fields(changes)}
        told = {name: value for name, value in wanted.items() if value is not UNSET}
        rules = _checked(replace(before.rules, **told))
        if rules == before.rules:
            return before
        promised = any(getattr(rules, it) != getattr(before.rules, it) for it in _PROMISED)
        changed = replace(
            before,
            rules=rules,
            rule_version=before.rule_version + promised,
            version=before.version + 1,
            updated_at=self._clock(),
        )
        programmes.update(changed)
        return changed

    def growth(self, cohort: Cohort) -> Growth:
        """Tell how a cohort grows."""
        if cohort.since >= cohort.until:
            raise CohortInvalid("A cohort ends after it begins.")
        if not 1 <= cohort.horizon_days <= _LONGEST_HORIZON:
            raise CohortInvalid(f"The horizon is 1 to {_LONGEST_HORIZON} days.")
        self.get(cohort.programme_id)
        return growth(programmes.inviters(cohort, self._clock()), seed=self._seed)


def is_live(rules: ProgrammeRules, at: datetime) -> bool:
    """Whether a programme runs at a moment."""
    begun = rules.starts_at <= at
    return (
        rules.state is ProgrammeState.LIVE and begun and (not rules.ends_at or at < rules.ends_at)
    )


def window(rules: ProgrammeRules) -> timedelta:
    """Return how long a touch counts."""
    return timedelta(days=rules.window_days)


def unknown_programme(programme_id: UUID) -> ProgrammeNotFound:
    """Return what is raised where there is no such programme."""
    return ProgrammeNotFound(f"There is no programme {programme_id} in this workspace.")


def size(limit: int) -> int:
    """Return how many items a page may have."""
    return max(1, min(limit, MAX_PAGE))


def _checked(rules: ProgrammeRules) -> ProgrammeRules:
    """Return rules that can be kept; raise `ProgrammeInvalid`."""
    amounts = (rules.referrer_reward, rules.referee_reward, rules.person_cap, rules.budget)
    if any(not 0 <= amount <= _MOST for amount in amounts if amount is not None):
        raise ProgrammeInvalid(f"Amounts are whole numbers from 0 to {_MOST}.")
    if rules.ends_at is not None and rules.ends_at <= rules.starts_at:
        raise ProgrammeInvalid("A programme ends after it begins.")
    if not 1 <= rules.window_days <= _LONGEST_WINDOW:
        raise ProgrammeInvalid(f"The window is 1 to {_LONGEST_WINDOW} days.")
    return rules

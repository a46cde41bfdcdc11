"""What the active plugins say of what they depend on: all checks at once, each within its limit."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from meishi.declarations import HealthCheck, HealthReport, HealthStatus
from meishi.lifecycle.raised import raised
from meishi.monitoring.probe import Asking, Late, Probe, Within
from meishi.sdk.contract import DomainError

if TYPE_CHECKING:
    from meishi.lifecycle.contribution import Contribution
    from meishi.lifecycle.loading import PluginSet

#: Characters of a check's sentence that are shown.
_LONGEST = 400

#: The worse, the further behind.
_ORDER = tuple(HealthStatus)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What one check found, with a sentence of what to do, and how long that took."""

    plugin: str
    name: str
    title: str
    status: HealthStatus
    message: str = ""
    milliseconds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthSummary:
    """How a deployment is: as its worst check, or plugin, says."""

    status: HealthStatus
    checks: tuple[CheckResult, ...]


class HealthChecks:
    """The checks of the plugins that are active and `enabled`.

    A check that does not end is asked once, and reported as failing until it ends.
    """

    def __init__(
        self, plugins: PluginSet, enabled: Callable[[], Iterable[Contribution]], within: Within
    ) -> None:
        self._plugins = plugins
        self._enabled = enabled
        self._within = within
        self._lock = threading.Lock()
        self._probes: dict[tuple[str, str], Probe[HealthReport]] = {}

    def summary(self) -> HealthSummary:
        """Return how all is now, or was just before; a plugin with a fault is failing, too."""
        checks = (*self._faults(), *self._results())
        return HealthSummary(status=worst(item.status for item in checks), checks=checks)

    def _faults(self) -> Iterator[CheckResult]:
        for status in self._plugins.faults():
            yield CheckResult(
                plugin=status.name,
                name="state",
                title="Is active",
                status=HealthStatus.FAILING,
                message=f"{status.state.value}: {status.reason}",
            )

    def _results(self) -> Sequence[CheckResult]:
        asked = [
            (item.plugin, check, self._probe(item.plugin, check).begin())
            for item in self._enabled()
            for check in item.health
        ]
        return [_result(plugin, check, asking) for plugin, check, asking in asked]

    def _probe(self, plugin: str, check: HealthCheck) -> Probe[HealthReport]:
        with self._lock:
            key = (plugin, check.name)
            if key not in self._probes:
                self._probes[key] = Probe(
                    self._within, plugin, check.check, fresh_seconds=check.fresh_seconds
                )
            return self._probes[key]


def worst(statuses: Iterable[HealthStatus]) -> HealthStatus:
    """Return the worst status; without any, all is well."""
    return max(statuses, key=_ORDER.index, default=HealthStatus.OK)


def _result(plugin: str, check: HealthCheck, asking: Asking[HealthReport]) -> CheckResult:
    report = _report(check, asking)
    return CheckResult(
        plugin=plugin,
        name=check.name,
        title=check.title,
        status=report.status,
        message=report.message,
        milliseconds=round(asking.seconds * 1000),
    )


def _report(check: HealthCheck, asking: Asking[HealthReport]) -> HealthReport:
    """Return what a check said; whatever else it did is a failure."""
    try:
        return _sound(asking.answer(check.limit_seconds))
    except Late:
        return _failing(f"It took longer than its limit of {check.limit_seconds:g} s.")
    except DomainError as error:
        return _failing(error.detail or error.title)
    except BaseException as error:  # noqa: BLE001 (a failure of this check alone)
        return _failing(f"It raised {raised(error)}.")


def _sound(found: Any) -> HealthReport:
    if not isinstance(found, HealthReport):
        return _failing(f"It must return a HealthReport, not a {type(found).__qualname__}.")
    values: tuple[Any, Any] = (found.status, found.message)
    if tuple(map(type, values)) != (HealthStatus, str):
        return _failing("It returned a HealthReport without a HealthStatus, or without a text.")
    return replace(found, message=" ".join(found.message.split())[:_LONGEST])


def _failing(message: str) -> HealthReport:
    return HealthReport(status=HealthStatus.FAILING, message=message)

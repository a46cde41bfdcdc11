"""Findings: one thing that is out of order, and the command that mends it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """Whether something does not work, or will not do so for ever."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding. `code` is stable; `plugin` is `meishi` where it is no single plugin's."""

    severity: Severity
    code: str
    plugin: str
    message: str
    command: str


def error(code: str, plugin: str, message: str, command: str) -> Finding:
    """Return a finding about what does not work."""
    return Finding(
        severity=Severity.ERROR, code=code, plugin=plugin, message=message, command=command
    )


def warning(code: str, plugin: str, message: str, command: str) -> Finding:
    """Return a finding about what works so far."""
    return Finding(
        severity=Severity.WARNING, code=code, plugin=plugin, message=message, command=command
    )

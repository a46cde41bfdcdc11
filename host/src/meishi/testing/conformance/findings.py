"""What a check says of a plugin: faults, each with a remedy, and notes that are none."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and what to do about it: a sentence each."""

    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something that whoever judges the plugin should see, though nothing is wrong with it."""

    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A fault of a plugin, and the check that found it."""

    plugin: str
    check: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.plugin}: {self.check}: {self.message} {self.remedy}"

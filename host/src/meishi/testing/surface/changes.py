"""One change of a surface, and whether those who rely on it have to do something."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """What has become of one thing that is public; a breaking change has to be declared."""

    subject: str
    what: str
    breaking: bool

    def __str__(self) -> str:
        kind = "breaking" if self.breaking else "new"
        return f"{kind}: {self.subject}: {self.what}"

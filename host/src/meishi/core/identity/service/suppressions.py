"""The suppression list: digests of what was erased, and must not come back."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from uuid import UUID

from meishi.core.identity.repository import suppressions as repository
from meishi.sdk.context import current_workspace, has_workspace
from meishi.sdk.personal_data import keyed_digest
from meishi.sdk.plugin import PluginContext

_PURPOSE = "suppression"


class SuppressionService:
    """Implements `Suppressions`."""

    def __init__(self, context: PluginContext) -> None:
        """Take nothing of the context: all that counts is stored."""

    def suppress(self, *, emails: frozenset[str], phones: frozenset[str]) -> None:
        """Remember addresses and numbers."""
        digests = _digests(emails | phones)
        if digests:
            repository.add(_workspace(), list(digests))

    def are_suppressed(self, keys: frozenset[str]) -> frozenset[str]:
        """Return those of some addresses and numbers that must not come back."""
        digests = {key: _digest(key) for key in keys}
        if not digests:
            return frozenset()
        known = repository.known(_workspace(), list(digests.values()))
        return frozenset(key for key, digest in digests.items() if digest in known)

    def lift(self, *, emails: frozenset[str], phones: frozenset[str]) -> int:
        """Forget addresses and numbers."""
        return repository.remove(_workspace(), list(_digests(emails | phones)))


def _digests(keys: Iterable[str]) -> set[bytes]:
    return {_digest(key) for key in keys}


def _digest(key: str) -> bytes:
    form = unicodedata.normalize("NFC", key).strip().lower()
    return keyed_digest(_PURPOSE, form.encode())


def _workspace() -> UUID | None:
    return current_workspace() if has_workspace() else None

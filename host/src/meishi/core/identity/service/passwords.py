"""Passwords: which are accepted, and how they are kept (argon2id, RFC 9106)."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Mapping
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from meishi.core.identity.common_passwords import COMMON_PASSWORDS
from meishi.core.identity.contract import WeakPassword

SHORTEST, LONGEST = 10, 200

#: How many are worked on at once in a process: each takes the memory that the settings say.
_AT_ONCE = 4


class Passwords:
    """Hashes and checks passwords; one for all requests of a process."""

    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(_AT_ONCE)

    def hash(self, password: str, settings: Mapping[str, Any]) -> str:
        """Return what is stored of a password."""
        with self._places:
            return _hasher(settings).hash(_normalised(password))

    def matches(self, stored: str | None, password: str, settings: Mapping[str, Any]) -> bool:
        """Whether a password is the stored one; without one it takes as long, and is not."""
        hasher = _hasher(settings)
        with self._places:
            if stored is None:
                hasher.hash(_normalised(password))
                return False
            try:
                return hasher.verify(stored, _normalised(password))
            except (VerifyMismatchError, VerificationError, InvalidHashError):
                return False

    def is_outdated(self, stored: str, settings: Mapping[str, Any]) -> bool:
        """Whether a password is to be hashed anew, as the settings have changed since."""
        return _hasher(settings).check_needs_rehash(stored)


def check_password(password: str, *about: str) -> None:
    """Raise `WeakPassword` for one that others guess; `about` are words about its owner."""
    plain = _normalised(password)
    if not SHORTEST <= len(plain) <= LONGEST:
        raise WeakPassword(f"A password has {SHORTEST} to {LONGEST} characters.")
    lowered = plain.casefold()
    if lowered in COMMON_PASSWORDS or len(set(lowered)) < 4:  # noqa: PLR2004 (says itself)
        raise WeakPassword("This password is one of those that are tried first; take another.")
    for word in about:
        if word and lowered == word.casefold():
            raise WeakPassword("A password is neither one's address nor one's name.")


def _normalised(password: str) -> str:
    """Return a password as every keyboard writes it; half characters count as others."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace").decode()


def _hasher(settings: Mapping[str, Any]) -> PasswordHasher:
    return PasswordHasher(
        time_cost=settings["password_passes"],
        memory_cost=settings["password_memory_kib"],
        parallelism=settings["password_lanes"],
    )

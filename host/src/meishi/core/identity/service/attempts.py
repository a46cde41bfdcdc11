"""Attempts to guess a password: each wrong one makes the next ones wait.

Counted in a transaction of its own before the password is looked at: whatever becomes of the
request around it, and however many come at once, none is free.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from math import ceil

from meishi.core.identity.contract import TooManyAttempts
from meishi.core.identity.repository import attempts
from meishi.sdk.context import aside

#: How many wrong passwords of an account make nobody wait, and how many from one address.
FREE, FREE_OF_ADDRESS = 5, 30
#: Seconds that one waits at most.
LONGEST = 15 * 60
#: After so long without any, all are forgotten.
FORGOTTEN = timedelta(days=1)


@contextmanager
def counted_attempt(*, email: str, address: str, now: datetime) -> Iterator[None]:
    """Run a block that looks at a password; without an error it was no wrong one.

    :raises TooManyAttempts: if there were too many for the account, known or not, or the address
    """
    account, network = _key("account", email), _key("address", address)
    _take(account, now, FREE)
    _take(network, now, FREE_OF_ADDRESS)
    yield
    with aside():
        attempts.forget(account)
    with aside():
        attempts.give_back(network)


def _take(key: bytes, now: datetime, free: int) -> None:
    with aside():
        taken = attempts.take(key, now, forgotten=now - FORGOTTEN, free=free, longest=LONGEST)
        until = None if taken else attempts.closed_until(key)
    if not taken:
        seconds = max(1, ceil((until - now).total_seconds())) if until else 1
        raise TooManyAttempts(f"Too many wrong passwords; try again in {seconds} s.")


def _key(kind: str, value: str) -> bytes:
    return hashlib.blake2b(f"{kind}:{value}".encode("utf-8", "replace"), digest_size=16).digest()

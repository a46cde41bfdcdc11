"""What comes after a failure: when the next attempt is due, or that there is none."""

from __future__ import annotations

from collections.abc import Callable

from meishi.declarations import RetryPolicy


class Backoff:
    """Decides by a retry policy; `random` draws from 0 to 1."""

    def __init__(self, policy: RetryPolicy, random: Callable[[], float]) -> None:
        self._policy = policy
        self._random = random

    def wait(self, attempts: int) -> float:
        """Return the seconds to wait after so many attempts: exponential, with full jitter."""
        policy = self._policy
        longest = policy.longest_wait_seconds
        try:
            bound = min(longest, policy.first_wait_seconds * policy.factor ** (attempts - 1))
        except OverflowError:
            bound = longest
        return bound * self._random()

    def fate(self, attempts: int, error: BaseException | None) -> tuple[str, float]:
        """Return the state of an event that failed so often, and the seconds until it is tried."""
        if isinstance(error, self._policy.fatal) or attempts >= self._policy.attempts:
            return "dead", 0.0
        return "retry", self.wait(attempts)

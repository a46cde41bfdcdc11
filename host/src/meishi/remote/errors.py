"""What a call to another process can end with, besides the errors that its contract declares."""

from __future__ import annotations

from meishi.calls.failures import CallFailed


class RemoteCallError(CallFailed):
    """A call of a service that runs elsewhere had no answer, or none that can be understood.

    `may_have_happened` says whether the service may have done what it was asked for; `reason`
    says what was seen of it.
    """

    def __init__(self, plugin: str, method: str, reason: str, *, may_have_happened: bool) -> None:
        super().__init__(plugin, method)
        self.reason = reason
        self.may_have_happened = may_have_happened

    def __str__(self) -> str:
        """Say what failed, how, and what may be true now."""
        happened = "it may have happened" if self.may_have_happened else "nothing has happened"
        return f"{self.plugin}: {self.method} failed: {self.reason}; {happened}"

    def __repr__(self) -> str:
        """Say the same where errors are listed."""
        return f"{type(self).__name__}({str(self)!r})"

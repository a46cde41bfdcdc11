"""Why a request outside brings no answer."""

from __future__ import annotations


class OutgoingError(Exception):
    """A request to a server outside brought no answer that can be used."""


class AddressRefused(OutgoingError):
    """The address is none that this plugin may call; trying again would not change that."""


class AnswerRefused(OutgoingError):
    """The server answered what is not taken: a redirect, too much, or in another encoding."""


class EndpointUnavailable(OutgoingError):
    """The server cannot be reached, takes too long, or is not asked for a while.

    `retry_after` is the number of seconds after which it may be there again, if that is known.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after

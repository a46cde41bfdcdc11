"""What the QR generator refuses."""

from __future__ import annotations

from meishi.sdk.contract import DomainError


class CardNotFound(DomainError):
    """No such card in this workspace."""

    code = "card-not-found"
    title = "Card not found"
    status = 404


class CodeNotFound(DomainError):
    """No such code in this workspace."""

    code = "code-not-found"
    title = "Code not found"
    status = 404


class CardSourceMissing(DomainError):
    """The contact that a card should show does not exist."""

    code = "card-source-missing"
    title = "Contact of the card not found"
    status = 422


class CardWithdrawn(DomainError):
    """The contact that a card showed is gone."""

    code = "card-withdrawn"
    title = "This card is no longer available"
    status = 410


class CodeRetired(DomainError):
    """The code was deleted; whoever scans it is told so."""

    code = "code-retired"
    title = "This code is no longer in use"
    status = 410


class CodeIsStatic(DomainError):
    """A static code carries the contact itself: it cannot lead anywhere else."""

    code = "code-is-static"
    title = "A static code cannot be changed"
    status = 409


class CodeTooLarge(DomainError):
    """The content does not fit into a code."""

    code = "code-too-large"
    title = "Too much for one code"
    status = 422


class CodeUnreadable(DomainError):
    """The drawn code could not be read back, so it is not served."""

    code = "code-unreadable"
    title = "The code cannot be read"
    status = 422


class LookRefused(DomainError):
    """Cameras would have trouble with a code that looks like this."""

    code = "look-refused"
    title = "The code would be hard to scan"
    status = 422


class ExchangeNotFound(DomainError):
    """No such exchange in this workspace."""

    code = "exchange-not-found"
    title = "Exchange not found"
    status = 404


class InvalidExchange(DomainError):
    """What a visitor leaves cannot be taken as it is."""

    code = "invalid-exchange"
    title = "Not sent yet"
    status = 422


class TooManyExchanges(DomainError):
    """So many cards were left at one card within an hour that it takes no more."""

    code = "too-many-exchanges"
    title = "Too many cards at once"
    status = 429

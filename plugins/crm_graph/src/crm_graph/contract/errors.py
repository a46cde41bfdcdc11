"""What the social graph refuses."""

from __future__ import annotations

from meishi.sdk.contract import DomainError


class NodeNotFound(DomainError):
    """No such contact in the graph of this workspace."""

    code = "node-not-found"
    title = "Not in the graph"
    status = 404


class TieNotFound(DomainError):
    """Two contacts have no tie."""

    code = "tie-not-found"
    title = "No tie"
    status = 404


class OrganisationNotFound(DomainError):
    """Nobody in the graph belongs to the organisation."""

    code = "organisation-not-found"
    title = "Organisation not found"
    status = 404


class OwnContactMissing(DomainError):
    """It is asked for paths from oneself, and nobody said which contact that is."""

    code = "own-contact-missing"
    title = "Own contact unknown"
    status = 422


class InvalidGraphQuery(DomainError):
    """The graph is asked in a way that it cannot answer."""

    code = "invalid-graph-query"
    title = "Invalid query"
    status = 422


class GraphTooLarge(DomainError):
    """The workspace has more ties than the deployment lets a process keep in memory."""

    code = "graph-too-large"
    title = "Graph too large"
    status = 422


class UnknownTieSource(DomainError):
    """No active plugin declares the tie source."""

    code = "unknown-tie-source"
    title = "Unknown tie source"
    status = 422

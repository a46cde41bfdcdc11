"""What the enrichment service refuses."""

from __future__ import annotations

from meishi.sdk.contract import DomainError


class ProposalNotFound(DomainError):
    """No such proposal in this workspace."""

    code = "proposal-not-found"
    title = "Proposal not found"
    status = 404


class ProposalDecided(DomainError):
    """The proposal is in a state from which that is not possible."""

    code = "proposal-decided"
    title = "The proposal was decided already"
    status = 409


class FieldTaken(DomainError):
    """A person's word stands in the field, or the contact does not take the value."""

    code = "field-taken"
    title = "The field is not free"
    status = 409


class EnrichmentOff(DomainError):
    """The workspace has switched enrichment off."""

    code = "enrichment-off"
    title = "Enrichment is switched off"
    status = 409


class RunNotFound(DomainError):
    """No such run in this workspace."""

    code = "enrichment-run-not-found"
    title = "Run not found"
    status = 404

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


class ExtractionNotFound(DomainError):
    """No such extraction in this workspace, or none any more."""

    code = "extraction-not-found"
    title = "Extraction not found"
    status = 404


class UnknownContact(DomainError):
    """The contact that a text is said to be about is not there."""

    code = "enrichment-contact-unknown"
    title = "Unknown contact"
    status = 422


class ModelMissing(DomainError):
    """The deployment has no language model, or one that cannot be asked as it is set up."""

    code = "language-model-missing"
    title = "No language model"
    status = 409


class EndpointFailed(DomainError):
    """The language model gave no answer that can be used."""

    code = "language-model-failed"
    title = "The language model failed"
    status = 502

"""The enrichment service's rules."""

from crm_enrichment.service.enrichment import EnrichmentService
from crm_enrichment.service.extractions import ExtractionService
from crm_enrichment.service.proposals import ProposalService

__all__ = ["EnrichmentService", "ExtractionService", "ProposalService"]

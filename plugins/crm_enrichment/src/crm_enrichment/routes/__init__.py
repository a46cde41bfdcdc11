"""The web API of the enrichment service: parse, call the contract, serialise."""

from crm_enrichment.routes import extractions, proposals, runs
from crm_enrichment.routes.blueprint import blueprint
from crm_enrichment.routes.extension import load_enrichment

__all__ = ["blueprint", "extractions", "load_enrichment", "proposals", "runs"]

"""Every statement of the enrichment service."""

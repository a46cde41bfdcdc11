"""Revisions of the enrichment service."""

"""Hook implementations of the enrichment service: this version supplies none."""

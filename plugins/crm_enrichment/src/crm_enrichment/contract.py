"""The enrichment service's contract: the only module of this package that others may import.

This version promises nothing: no service, no event, no error.
"""

"""Revisions of imports, first to last."""

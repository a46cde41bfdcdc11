"""Revisions of the viral engine, in their order."""

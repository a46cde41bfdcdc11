"""Revisions of the viral engine."""

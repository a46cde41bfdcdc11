"""Revisions of analytics."""

"""Revisions of operations."""

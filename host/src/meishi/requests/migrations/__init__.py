"""Migrations of what the host remembers of requests."""

"""Migrations of what the host remembers of services elsewhere."""

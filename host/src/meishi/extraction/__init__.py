"""Extraction: whether a plugin may run as a service of its own, and what would be different."""

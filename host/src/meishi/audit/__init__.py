"""Audit: who did what to which resource, for each workspace, in rows that nobody changes."""

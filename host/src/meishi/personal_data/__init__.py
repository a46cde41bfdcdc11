"""Requests of people for their data: asked of every plugin, answered in one report."""

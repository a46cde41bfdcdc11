"""Revisions of this plugin."""

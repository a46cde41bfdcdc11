"""Revisions of the switches, first to last."""

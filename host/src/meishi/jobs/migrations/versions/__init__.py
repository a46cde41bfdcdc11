"""Revisions of the jobs, first to last."""

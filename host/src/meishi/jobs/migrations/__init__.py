"""Alembic's view of the jobs."""

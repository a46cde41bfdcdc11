"""Alembic's view of the switches."""

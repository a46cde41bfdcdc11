"""Alembic's view of the mails."""

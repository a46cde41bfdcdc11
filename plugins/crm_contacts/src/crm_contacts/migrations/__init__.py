"""Revisions of the contact service's db_schema."""

"""Revisions of this part's db_schema."""

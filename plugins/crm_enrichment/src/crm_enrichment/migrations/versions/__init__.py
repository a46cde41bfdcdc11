"""Revisions of the QR generator's db_schema."""

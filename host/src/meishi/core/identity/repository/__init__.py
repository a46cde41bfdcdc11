"""Every SQL statement of identity."""

"""The migrations of audit."""

"""The migrations of imports."""

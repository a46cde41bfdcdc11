"""Searching everything: each plugin is asked, and what they find stands together."""

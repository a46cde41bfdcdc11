"""Purging a plugin: what it has, what keeps it, the copy that is made first, and the end."""

"""Moves: a plugin goes on elsewhere, with all that it has stored, while everybody works."""

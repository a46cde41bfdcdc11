"""Imports: files on their way in, in every format that a plugin can read."""

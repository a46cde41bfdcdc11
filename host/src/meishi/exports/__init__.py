"""Exports: resources as files, in every format that a plugin can write."""

"""Plugins that ship inside the host and use the very same hooks as all others."""

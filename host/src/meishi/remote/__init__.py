"""Plugins that run elsewhere: calls to them, and from them, over HTTP."""

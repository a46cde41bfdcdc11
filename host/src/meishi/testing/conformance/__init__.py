"""The conformance suite: what every plugin must fulfil, checked on the installed package."""

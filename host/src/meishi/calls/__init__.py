"""Calls between plugins: contract rules, the registry of services and the codec mode."""

"""Switches: which plugins are on, in the deployment and in each workspace, while it runs."""

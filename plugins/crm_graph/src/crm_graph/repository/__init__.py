"""Every SQL statement of the social graph; row security keeps each to its workspace."""

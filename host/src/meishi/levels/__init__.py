"""Plugin settings that workspaces, and users in them, set for themselves."""

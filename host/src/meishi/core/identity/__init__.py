"""Identity: users, workspaces, memberships and API tokens."""

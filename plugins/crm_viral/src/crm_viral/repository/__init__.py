"""Every statement of the viral engine; row security keeps each to the current workspace."""

"""The page on which one begins: what modules have to say of the workspace, side by side."""

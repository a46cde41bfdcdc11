"""Every SQL statement of the QR generator; row security shows the current workspace only."""

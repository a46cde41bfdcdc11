"""Resource schemas of the event log."""

"""Analytics: what plugins measure, counted by day from the event log."""

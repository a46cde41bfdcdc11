"""The web edge: who calls, what they may do, one unit of work, one kind of error."""

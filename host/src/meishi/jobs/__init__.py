"""Jobs: work that is slow, external or scheduled, queued in the database and done by workers."""

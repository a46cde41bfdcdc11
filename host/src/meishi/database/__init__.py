"""PostgreSQL: where it runs, who may do what in it, and the unit of work."""

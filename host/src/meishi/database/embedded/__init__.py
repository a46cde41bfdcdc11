"""A real PostgreSQL for whoever has none: started on demand, shared, gone with its last user."""

from meishi.database.embedded.server import EmbeddedPostgres

__all__ = ["EmbeddedPostgres"]

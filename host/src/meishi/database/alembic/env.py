"""The one Alembic environment, owned by the host: plugins ship revisions only."""

from alembic import context

from meishi.database.provision import VERSION_TABLE

attributes = context.config.attributes
db_schema: str = attributes["db_schema"]


def _own_db_schema(name: str | None, kind: str, _parents: object) -> bool:
    """Look at the plugin's own db_schema only."""
    return name == db_schema if kind == "schema" else name != VERSION_TABLE


context.configure(
    connection=attributes["connection"],
    target_metadata=attributes["metadata"],
    version_table=VERSION_TABLE,
    version_table_schema=db_schema,
    include_schemas=True,
    include_name=_own_db_schema,
    include_object=attributes["include_object"],
    compare_server_default=False,
)
with context.begin_transaction():
    context.run_migrations()

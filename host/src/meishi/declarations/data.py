"""What a plugin stores and shows: tables, resource schemas, extensions of others' resources."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from meishi.declarations.merging import Merge

if TYPE_CHECKING:
    from marshmallow import Schema
    from sqlalchemy import MetaData


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """Values that a plugin adds to a resource of another one, under `extensions.<plugin>`.

    `target` is the full name of that resource (`crm_contacts.Contact`); while nobody serves it,
    nothing is added. `schema` says what the values look like, and makes JSON of what `load`
    returns. `load` is given the ids of all resources of an answer at once, and returns the values
    of those that have any: one call per answer, however long the list is. It runs as the plugin's
    code, inside of the request's transaction, and only reads. `permission` is one of the plugin's
    own, without its prefix: who lacks it is shown the resource without these values.
    """

    target: str
    schema: type[Schema]
    load: Callable[[Sequence[UUID]], Mapping[UUID, Any]]
    permission: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Schemas:
    """The plugin's tables, and the marshmallow schemas that it shows in the OpenAPI document.

    `db` holds the tables, all in the plugin's db_schema; `resources` are the schemas, each named
    for its resource (`NoteSchema`). `extensions` is what it adds to the resources of others,
    `merges` says which of its own can be merged, and by which events.
    """

    db: MetaData | None = None
    resources: Sequence[type[Schema]] = ()
    extensions: Sequence[Extension] = ()
    merges: Sequence[Merge] = ()


@dataclass(frozen=True, slots=True)
class Migrations:
    """Where the plugin's Alembic revisions are: `package` is `<plugin>.migrations.versions`."""

    package: str

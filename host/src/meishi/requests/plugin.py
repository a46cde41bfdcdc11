"""Hooks of what the host remembers of requests."""

from meishi.requests import people
from meishi.requests.models import metadata
from meishi.sdk.plugin import Migrations, PersonalData, Schemas, hookimpl


@hookimpl
def schemas() -> Schemas:
    """Return the tables."""
    return Schemas(db=metadata)


@hookimpl
def migrations() -> Migrations:
    """Return where the revisions are."""
    return Migrations("meishi.requests.migrations.versions")


@hookimpl
def data_subject() -> PersonalData:
    """Return how answers about people are forgotten."""
    return PersonalData(export=people.export, erase=people.erase)

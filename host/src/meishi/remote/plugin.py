"""Hooks of what the host remembers of services elsewhere."""

from collections.abc import Sequence

from meishi.remote import people
from meishi.remote.hooked import HookedPlugins
from meishi.remote.hooks_here import HooksHere
from meishi.remote.models import metadata
from meishi.sdk.plugin import Migrations, PersonalData, Schemas, Service, hookimpl


@hookimpl
def schemas() -> Schemas:
    """Return the tables."""
    return Schemas(db=metadata)


@hookimpl
def migrations() -> Migrations:
    """Return where the revisions are."""
    return Migrations("meishi.remote.migrations.versions")


@hookimpl
def data_subject() -> PersonalData:
    """Return how answers about people are forgotten."""
    return PersonalData(export=people.export, erase=people.erase)


@hookimpl
def services() -> Sequence[Service]:
    """Return by what the hooks of a service's plugins are asked."""
    return [Service(HookedPlugins, HooksHere)]

"""Hooks of the imports."""

from collections.abc import Sequence

from meishi.imports import people
from meishi.imports.across import KeptFiles, PlacedImporters
from meishi.imports.importers_here import ImportersHere
from meishi.imports.jobs import forget_old, recognise
from meishi.imports.kept_files import FilesKeptHere
from meishi.imports.models import metadata
from meishi.imports.pages import NAVIGATION, PAGES
from meishi.imports.routes import blueprint
from meishi.imports.schemas import RESOURCES
from meishi.imports.starting import RECOGNISE
from meishi.sdk.contract import DomainError
from meishi.sdk.http import Blueprint
from meishi.sdk.plugin import (
    Job,
    Migrations,
    NavigationEntry,
    Page,
    Permission,
    PersonalData,
    RetryPolicy,
    Role,
    Schemas,
    Service,
    hookimpl,
)


@hookimpl
def routes() -> Sequence[Blueprint]:
    """Return the web API."""
    return [blueprint]


@hookimpl
def pages() -> Sequence[Page]:
    """Return the pages of the console."""
    return PAGES


@hookimpl
def navigation() -> Sequence[NavigationEntry]:
    """Return how one comes to them."""
    return NAVIGATION


@hookimpl
def schemas() -> Schemas:
    """Return the tables and the resources."""
    return Schemas(db=metadata, resources=RESOURCES)


@hookimpl
def migrations() -> Migrations:
    """Return where the revisions are."""
    return Migrations("meishi.imports.migrations.versions")


@hookimpl
def permissions() -> Sequence[Permission]:
    """Return the right to import; each importer needs a further right."""
    return [
        Permission(
            name="use",
            title="Import files into what one may change",
            roles=(Role.OWNER, Role.ADMIN, Role.MEMBER),
        )
    ]


@hookimpl
def jobs() -> Sequence[Job]:
    """Return what finds out who reads a file, and what forgets old ones once a night."""
    return [
        Job(
            name=RECOGNISE,
            run=recognise,
            key="import_id",
            limit_seconds=20.0,
            retry=RetryPolicy(longest_wait_seconds=10.0, fatal=(DomainError,)),
        ),
        Job(name="forget_old", run=forget_old, schedule="27 3 * * *"),
    ]


@hookimpl
def services() -> Sequence[Service]:
    """Return by what the importers of a service are asked, and read the files that are here."""
    return [Service(PlacedImporters, ImportersHere), Service(KeptFiles, FilesKeptHere)]


@hookimpl
def data_subject() -> PersonalData:
    """Return how people see what kept files say of them, and have it removed."""
    return PersonalData(export=people.export, erase=people.erase)

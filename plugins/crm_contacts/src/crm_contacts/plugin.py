"""Hooks of the contact service."""

from collections.abc import Sequence

import click

from crm_contacts.cli import contacts
from crm_contacts.contract import (
    ContactCreated,
    ContactDeleted,
    ContactDocuments,
    ContactErased,
    ContactRestored,
    Contacts,
    ContactsMerged,
    ContactsRelated,
    ContactsUnrelated,
    ContactUpdated,
    ImportCompleted,
    Imports,
    Relationships,
)
from crm_contacts.jobs import run_import
from crm_contacts.models import metadata
from crm_contacts.pages import NAVIGATION, PAGES
from crm_contacts.routes import blueprint
from crm_contacts.schemas import RESOURCES
from crm_contacts.schemas.contacts import ContactSchema
from crm_contacts.service import (
    ContactDocumentService,
    ContactService,
    ImportService,
    RelationshipService,
    card_files,
    exporting,
    finding,
    people,
)
from crm_contacts.settings import ContactsSettingsSchema
from meishi.sdk.contract import Event
from meishi.sdk.http import Blueprint
from meishi.sdk.plugin import (
    Exporter,
    Importer,
    Job,
    Merge,
    Migrations,
    NavigationEntry,
    Page,
    Permission,
    PersonalData,
    PluginSettings,
    Role,
    Schemas,
    SearchProvider,
    Service,
    SettingsLevel,
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
    """Return tables and resources, and how it is told that contacts were merged."""
    merge = Merge(
        resource=ContactSchema, event=ContactsMerged, sources="merged_ids", target="contact_id"
    )
    return Schemas(db=metadata, resources=RESOURCES, merges=[merge])


@hookimpl
def migrations() -> Migrations:
    """Return where the revisions are."""
    return Migrations("crm_contacts.migrations.versions")


@hookimpl
def event_types() -> Sequence[type[Event]]:
    """Return what is published."""
    return [
        ContactCreated,
        ContactUpdated,
        ContactDeleted,
        ContactRestored,
        ContactsMerged,
        ContactErased,
        ContactsRelated,
        ContactsUnrelated,
        ImportCompleted,
    ]


@hookimpl
def services() -> Sequence[Service]:
    """Return what is offered to others."""
    return [
        Service(Contacts, ContactService),
        Service(ContactDocuments, ContactDocumentService),
        Service(Imports, ImportService),
        Service(Relationships, RelationshipService),
    ]


@hookimpl
def settings() -> PluginSettings:
    """Return what an operator can set, and what each workspace."""
    return PluginSettings(
        schema=ContactsSettingsSchema, levels={"default_region": SettingsLevel.WORKSPACE}
    )


@hookimpl
def permissions() -> Sequence[Permission]:
    """Return the rights that the routes ask for."""
    return [
        Permission(name="read", title="See contacts", roles=tuple(Role)),
        Permission(
            name="write",
            title="Create and import contacts",
            roles=(Role.OWNER, Role.ADMIN, Role.MEMBER),
        ),
    ]


@hookimpl
def jobs() -> Sequence[Job]:
    """Return the work that a worker does."""
    return [Job(name="run_import", run=run_import, queue="imports")]


@hookimpl
def data_subject() -> PersonalData:
    """Return how people see what is known of them, and are forgotten."""
    return PersonalData(export=people.export, erase=people.erase, identify=people.identify)


@hookimpl
def search_providers() -> Sequence[SearchProvider]:
    """Return what the search box finds."""
    return [
        SearchProvider(
            name="contacts", title="Contacts", search=finding.find_contacts, permission="read"
        )
    ]


@hookimpl
def importers() -> Sequence[Importer]:
    """Return the formats that contacts are read from in the host's imports."""
    return card_files.IMPORTERS


@hookimpl
def exporters() -> Sequence[Exporter]:
    """Return the formats that contacts are written in."""
    return exporting.EXPORTERS


@hookimpl
def cli() -> click.Group:
    """Return the commands."""
    return contacts

"""Hooks of the contact service."""

from collections.abc import Sequence

import click

from crm_contacts import subscribers
from crm_contacts.cli import contacts
from crm_contacts.contract import (
    ConsentRecorded,
    ContactCreated,
    ContactDeleted,
    ContactErased,
    ContactRestored,
    ContactsMerged,
    ContactsRelated,
    ContactsUnmerged,
    ContactsUnrelated,
    ContactUpdated,
    ImportCompleted,
    InvalidContactQuery,
    PhotoChanged,
    TimelineSource,
)
from crm_contacts.jobs import (
    edit_contacts,
    forget_words,
    purge_deleted,
    run_import,
    scan_duplicates,
    take_photos,
    try_import,
    undo_import,
)
from crm_contacts.models import metadata
from crm_contacts.pages import NAVIGATION, PAGES
from crm_contacts.points import contacts_timeline_sources
from crm_contacts.routes import blueprint
from crm_contacts.schemas import RESOURCES
from crm_contacts.schemas.contacts import ContactSchema
from crm_contacts.service import (
    card_files,
    exporting,
    finding,
    people,
    timelines,
)
from crm_contacts.service.offered import SERVICES
from crm_contacts.settings import ContactsSettingsSchema
from meishi.sdk.contract import Event
from meishi.sdk.http import Blueprint
from meishi.sdk.plugin import (
    EventHandler,
    Exporter,
    HookSpec,
    Importer,
    Job,
    Merge,
    Migrations,
    NavigationEntry,
    Page,
    Permission,
    PersonalData,
    PluginSettings,
    ReplayPolicy,
    RetryPolicy,
    Role,
    Schemas,
    SearchProvider,
    Service,
    SettingsLevel,
    Subscription,
    hookimpl,
    on,
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
        resource=ContactSchema,
        event=ContactsMerged,
        sources="merged_ids",
        target="contact_id",
        undone=ContactsUnmerged,
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
        ContactsUnmerged,
        ContactErased,
        ContactsRelated,
        ContactsUnrelated,
        ConsentRecorded,
        PhotoChanged,
        ImportCompleted,
    ]


@hookimpl
def event_handlers() -> Sequence[EventHandler]:
    """Return what is heard: duplicates are looked for after contacts have come or changed."""
    heard = Subscription(
        name="duplicates", replay=ReplayPolicy.IDEMPOTENT, backfill=subscribers.backfill
    )
    return [
        *(
            on(event, subscribers.on_contacts, subscription=heard)
            for event in (ContactCreated, ContactUpdated, ContactRestored, ContactsUnmerged)
        ),
        *map(subscribers.listen_to, timelines.OWN),
    ]


@hookimpl
def hookspecs() -> Sequence[HookSpec]:
    """Return the hook by which plugins say what timelines tell; their events are listened to."""
    return [
        HookSpec(
            function=contacts_timeline_sources,
            item=TimelineSource,
            unique="name",
            listens=subscribers.listen_to,
        )
    ]


@hookimpl
def services() -> Sequence[Service]:
    """Return what is offered to others."""
    return SERVICES


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
        Permission(
            name="organise",
            title="Define custom fields; rename, merge and delete tags",
            roles=(Role.OWNER, Role.ADMIN),
        ),
        Permission(
            name="oversee",
            title="See private contacts of others, and hand contacts over",
            roles=(Role.OWNER, Role.ADMIN),
            oversees=True,
        ),
    ]


@hookimpl
def jobs() -> Sequence[Job]:
    """Return the work that a worker does."""
    return [
        Job(name="run_import", run=run_import, queue="imports"),
        Job(name="try_import", run=try_import, queue="imports"),
        Job(name="undo_import", run=undo_import, queue="imports"),
        Job(name="take_photos", run=take_photos, queue="imports", priority=-10, key="import_id"),
        Job(name="scan_duplicates", run=scan_duplicates, key="scan_id"),
        Job(
            name="edit_contacts",
            run=edit_contacts,
            retry=RetryPolicy(fatal=(InvalidContactQuery,)),
        ),
        Job(name="purge_deleted", run=purge_deleted, schedule="23 3 * * *"),
        Job(name="forget_words", run=forget_words, schedule="47 3 * * *", limit_seconds=3600),
    ]


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

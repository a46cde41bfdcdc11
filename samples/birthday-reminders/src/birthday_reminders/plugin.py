"""Hooks: what this plugin supplies."""

from __future__ import annotations

from collections.abc import Sequence

from birthday_reminders import people
from birthday_reminders.contract import BirthdayDue, Birthdays
from birthday_reminders.jobs import remind
from birthday_reminders.models import metadata
from birthday_reminders.pages import next_birthday_panel
from birthday_reminders.routes import blueprint
from birthday_reminders.schemas import RESOURCES
from birthday_reminders.service import BirthdayService
from birthday_reminders.settings import SettingsSchema
from birthday_reminders.subscribers import backfill, follow
from crm_contacts.contract import (
    ContactCreated,
    ContactDeleted,
    ContactErased,
    ContactRestored,
    ContactsMerged,
    ContactUpdated,
)
from meishi.sdk.contract import Event
from meishi.sdk.http import Blueprint
from meishi.sdk.plugin import (
    EventHandler,
    Job,
    Migrations,
    Panel,
    Permission,
    PersonalData,
    PluginSettings,
    ReplayPolicy,
    Role,
    Schemas,
    Service,
    SettingsLevel,
    Subscription,
    hookimpl,
    on,
)

_HEARD = (
    ContactCreated,
    ContactUpdated,
    ContactDeleted,
    ContactRestored,
    ContactErased,
    ContactsMerged,
)


@hookimpl
def routes() -> Sequence[Blueprint]:
    """Return the web API."""
    return [blueprint]


@hookimpl
def panels() -> Sequence[Panel]:
    """Return what stands on the page of a contact."""
    return [
        Panel(
            page="crm_contacts.contact",
            name="birthday",
            title="Next birthday",
            render=next_birthday_panel,
            permission="read",
        )
    ]


@hookimpl
def schemas() -> Schemas:
    """Return table and resources."""
    return Schemas(db=metadata, resources=RESOURCES)


@hookimpl
def migrations() -> Migrations:
    """Return where the revisions are."""
    return Migrations("birthday_reminders.migrations.versions")


@hookimpl
def event_types() -> Sequence[type[Event]]:
    """Return what is published."""
    return [BirthdayDue]


@hookimpl
def event_handlers() -> Sequence[EventHandler]:
    """Return what is heard: the present state is read each time, so hearing it again is fine."""
    contacts = Subscription(name="contacts", replay=ReplayPolicy.IDEMPOTENT, backfill=backfill)
    return [on(event, follow, subscription=contacts) for event in _HEARD]


@hookimpl
def services() -> Sequence[Service]:
    """Return what is offered to others."""
    return [Service(Birthdays, BirthdayService)]


@hookimpl
def settings() -> PluginSettings:
    """Return what can be set."""
    return PluginSettings(schema=SettingsSchema, levels={"days_ahead": SettingsLevel.WORKSPACE})


@hookimpl
def permissions() -> Sequence[Permission]:
    """Return the right that route and panel ask for."""
    return [Permission(name="read", title="See birthdays", roles=tuple(Role))]


@hookimpl
def jobs() -> Sequence[Job]:
    """Return the work of each morning."""
    return [Job(name="remind", run=remind, schedule="0 6 * * *")]


@hookimpl
def data_subject() -> PersonalData:
    """Return how people see what is known of them, and are forgotten."""
    return PersonalData(export=people.export, erase=people.erase)

"""Hooks of the enrichment service."""

from collections.abc import Sequence

from crm_contacts.contract import (
    ContactCreated,
    ContactDeleted,
    ContactErased,
    ContactRestored,
    ContactsMerged,
    ContactUpdated,
    TimelineSource,
)
from crm_enrichment import points
from crm_enrichment.contract import (
    Enrichment,
    ExtractionNotFound,
    Extractions,
    ModelMissing,
    ProposalApplied,
    ProposalCreated,
    ProposalRejected,
    ProposalReverted,
    Proposals,
    Provider,
    RunCompleted,
)
from crm_enrichment.jobs import ask_outside, forget_texts, read_with_model
from crm_enrichment.models import metadata
from crm_enrichment.pages import NAVIGATION, PAGES, PANELS
from crm_enrichment.providers import PROVIDERS
from crm_enrichment.routes import blueprint, load_enrichment
from crm_enrichment.schemas import RESOURCES, ContactEnrichmentSchema
from crm_enrichment.service import (
    EnrichmentService,
    ExtractionService,
    ProposalService,
    people,
)
from crm_enrichment.service.model_provider import SIGNATURE_MODEL
from crm_enrichment.settings import EnrichmentSettingsSchema
from crm_enrichment.subscribers import (
    backfill,
    on_contact_erased,
    on_contact_merged,
    on_contact_unmerged,
    on_contacts,
)
from meishi.sdk.contract import Event
from meishi.sdk.http import Blueprint
from meishi.sdk.plugin import (
    EventHandler,
    Extension,
    HookSpec,
    Job,
    MergeHandler,
    Migrations,
    NavigationEntry,
    Page,
    Panel,
    Permission,
    PersonalData,
    PluginSettings,
    ReplayPolicy,
    RetryPolicy,
    Role,
    Schemas,
    Service,
    SettingsLevel,
    Subscription,
    hookimpl,
    on,
)
from meishi.sdk.texts import noted

_FOLLOWED = (ContactCreated, ContactUpdated, ContactDeleted, ContactRestored, ContactsMerged)
_FATAL = (ExtractionNotFound, ModelMissing)
_LEVELS = ("mode", "threshold", "default_region")


@hookimpl
def hookspecs() -> Sequence[HookSpec]:
    """Return the hook by which others find out more."""
    return [HookSpec(function=points.enrichment_providers, item=Provider)]


@hookimpl(optionalhook=True)
def enrichment_providers() -> Sequence[Provider]:
    """Return who finds out more: by themselves, and with a language model."""
    return (*PROVIDERS, SIGNATURE_MODEL)


@hookimpl(optionalhook=True)
def contacts_timeline_sources() -> Sequence[TimelineSource]:
    """Return what timelines of contacts tell: what was taken over, and what was taken back."""
    told = (
        ("proposal_applied", noted("What was found was taken over"), ProposalApplied),
        ("proposal_reverted", noted("What was found was taken back"), ProposalReverted),
    )
    return [
        TimelineSource(
            name=name,
            title=title,
            event=event,
            contacts=("contact_id",),
            permission="enrichment.read",
            details=("field", "provider"),
        )
        for name, title, event in told
    ]


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
def panels() -> Sequence[Panel]:
    """Return what stands on the page of a contact."""
    return PANELS


@hookimpl
def schemas() -> Schemas:
    """Return tables and resources, and what contacts show of them."""
    shown = Extension(
        target="crm_contacts.Contact",
        schema=ContactEnrichmentSchema,
        load=load_enrichment,
        permission="read",
    )
    return Schemas(db=metadata, resources=RESOURCES, extensions=[shown])


@hookimpl
def migrations() -> Migrations:
    """Return where the revisions are."""
    return Migrations("crm_enrichment.migrations.versions")


@hookimpl
def event_types() -> Sequence[type[Event]]:
    """Return what is published."""
    return [ProposalCreated, ProposalApplied, ProposalReverted, ProposalRejected, RunCompleted]


@hookimpl
def event_handlers() -> Sequence[EventHandler]:
    """Return what is heard: contacts are read as they are, so hearing it again is fine."""
    contacts = Subscription(name="contacts", replay=ReplayPolicy.IDEMPOTENT, backfill=backfill)
    return [
        *(on(event, on_contacts, subscription=contacts) for event in _FOLLOWED),
        on(ContactErased, on_contact_erased, subscription=contacts),
    ]


@hookimpl
def merge_entities() -> Sequence[MergeHandler]:
    """Return what follows when contacts are merged."""
    return [
        MergeHandler(
            kind="crm_contacts.Contact", handler=on_contact_merged, undo=on_contact_unmerged
        )
    ]


@hookimpl
def data_subject() -> PersonalData:
    """Return how people see what was found about them, and are forgotten."""
    return PersonalData(export=people.export, erase=people.erase)


@hookimpl
def services() -> Sequence[Service]:
    """Return what is offered to others."""
    return [
        Service(Proposals, ProposalService),
        Service(Enrichment, EnrichmentService),
        Service(Extractions, ExtractionService),
    ]


@hookimpl
def settings() -> PluginSettings:
    """Return what an operator can set, and what each workspace."""
    levels = dict.fromkeys(_LEVELS, SettingsLevel.WORKSPACE)
    return PluginSettings(schema=EnrichmentSettingsSchema, levels=levels, secrets=("model_key",))


@hookimpl
def jobs() -> Sequence[Job]:
    """Return the work that a worker does; a model that failed is asked again in a while."""
    return [
        Job(
            name="read_with_model",
            run=read_with_model,
            queue="models",
            limit_seconds=900,
            retry=RetryPolicy(attempts=3, first_wait_seconds=60, fatal=_FATAL),
        ),
        Job(name="ask_outside", run=ask_outside, queue="models", limit_seconds=3600),
        Job(name="forget_texts", run=forget_texts, schedule="41 * * * *"),
    ]


@hookimpl
def permissions() -> Sequence[Permission]:
    """Return the rights that the routes ask for."""
    return [
        Permission(name="read", title="See what was found about contacts", roles=tuple(Role)),
        Permission(
            name="write",
            title="Decide what was found about contacts",
            roles=(Role.OWNER, Role.ADMIN, Role.MEMBER),
        ),
    ]

"""Hooks of identity."""

from collections.abc import Sequence
from functools import partial

from meishi.core.analytics.contract import Metric
from meishi.core.identity.contract import (
    AccountMails,
    Accounts,
    InvitationCreated,
    InvitationRevoked,
    Invitations,
    MemberJoined,
    MemberLeft,
    MemberRoleChanged,
    Members,
    People,
    Sessions,
    Setup,
    Suppressions,
    TokenCreated,
    TokenRevoked,
    Tokens,
    UserSignedUp,
    WorkspaceFounded,
    Workspaces,
)
from meishi.core.identity.jobs import forget_ended, mail_link
from meishi.core.identity.models import metadata
from meishi.core.identity.pages import ENTRANCES, NAVIGATION, PAGES
from meishi.core.identity.routes import blueprint
from meishi.core.identity.schemas import RESOURCES
from meishi.core.identity.service import (
    AccountMailService,
    AccountService,
    InvitationService,
    MemberService,
    Passwords,
    PeopleService,
    SessionService,
    SetupService,
    SuppressionService,
    TokenService,
    WorkspaceService,
    people,
)
from meishi.core.identity.settings import IdentitySettingsSchema
from meishi.sdk.contract import Event
from meishi.sdk.http import Blueprint
from meishi.sdk.plugin import (
    Job,
    JobScope,
    Migrations,
    NavigationEntry,
    Page,
    Permission,
    PersonalData,
    PluginSettings,
    PublicPage,
    Role,
    Schemas,
    Service,
    hookimpl,
)
from meishi.sdk.texts import noted


@hookimpl
def schemas() -> Schemas:
    """Return identity's tables and the resources."""
    return Schemas(db=metadata, resources=RESOURCES)


@hookimpl
def routes() -> Sequence[Blueprint]:
    """Return the web API."""
    return [blueprint]


@hookimpl
def migrations() -> Migrations:
    """Return where identity's revisions are."""
    return Migrations("meishi.core.identity.migrations.versions")


@hookimpl
def pages() -> Sequence[Page]:
    """Return the pages of who is signed in."""
    return PAGES


@hookimpl
def public_pages() -> Sequence[PublicPage]:
    """Return the entrance."""
    return ENTRANCES


@hookimpl
def navigation() -> Sequence[NavigationEntry]:
    """Return how one comes to the pages of a workspace."""
    return NAVIGATION


@hookimpl
def permissions() -> Sequence[Permission]:
    """Return the rights that pages and routes ask for."""
    return [
        Permission(name="workspace.read", title="See the workspace", roles=tuple(Role)),
        Permission(name="workspace.write", title="Rename the workspace"),
        Permission(name="members.read", title="See the members", roles=tuple(Role)),
        Permission(name="members.write", title="Invite, change and take out members"),
        Permission(name="tokens.own", title="Make API tokens of one's own", roles=tuple(Role)),
        Permission(
            name="tokens.manage", title="See and end all API tokens, and make the workspace's own"
        ),
    ]


@hookimpl(optionalhook=True)
def analytics_metrics() -> Sequence[Metric]:
    """Return what is counted of people: how many come."""
    return [
        Metric(
            name="sign_ups", title=noted("Sign-ups"), event=UserSignedUp, funnel=50,
            deployment=True,
        )
    ]  # fmt: skip


@hookimpl
def services() -> Sequence[Service]:
    """Return what identity offers to others; all of it hashes passwords in one place."""
    passwords = Passwords()
    return [
        Service(Workspaces, WorkspaceService),
        Service(Tokens, TokenService),
        Service(Accounts, partial(AccountService, passwords=passwords)),
        Service(AccountMails, AccountMailService),
        Service(Sessions, partial(SessionService, passwords=passwords)),
        Service(Members, MemberService),
        Service(Invitations, InvitationService),
        Service(People, PeopleService),
        Service(Suppressions, SuppressionService),
        Service(Setup, partial(SetupService, passwords=passwords)),
    ]


@hookimpl
def event_types() -> Sequence[type[Event]]:
    """Return what is published."""
    return [
        InvitationCreated,
        InvitationRevoked,
        MemberJoined,
        MemberLeft,
        MemberRoleChanged,
        TokenCreated,
        TokenRevoked,
        UserSignedUp,
        WorkspaceFounded,
    ]


@hookimpl
def settings() -> PluginSettings:
    """Return what an operator can set."""
    return PluginSettings(schema=IdentitySettingsSchema)


@hookimpl
def jobs() -> Sequence[Job]:
    """Return the work that a worker does."""
    return [
        Job(name="mail_link", run=mail_link, scope=JobScope.DEPLOYMENT),
        Job(
            name="forget_ended", run=forget_ended, schedule="41 3 * * *", scope=JobScope.DEPLOYMENT
        ),
    ]


@hookimpl
def data_subject() -> PersonalData:
    """Return how people's accounts are shown to them, and end."""
    return PersonalData(export=people.export, erase=people.erase)

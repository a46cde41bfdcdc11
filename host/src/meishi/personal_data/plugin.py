"""Hooks of the personal data."""

from collections.abc import Sequence

from meishi.personal_data.jobs import ERASE_ACCOUNT, erase_account
from meishi.personal_data.pages import PAGES
from meishi.personal_data.routes import blueprint
from meishi.personal_data.schemas import RESOURCES
from meishi.sdk.http import Blueprint
from meishi.sdk.plugin import (
    Job,
    JobScope,
    Page,
    Permission,
    RetryPolicy,
    Role,
    Schemas,
    hookimpl,
)

#: A plugin that fails is asked for two days, and then an operator is told.
_RETRY = RetryPolicy(attempts=60, first_wait_seconds=5.0, longest_wait_seconds=3600.0)


@hookimpl
def routes() -> Sequence[Blueprint]:
    """Return the web API."""
    return [blueprint]


@hookimpl
def pages() -> Sequence[Page]:
    """Return the pages of the console."""
    return PAGES


@hookimpl
def schemas() -> Schemas:
    """Return the resources."""
    return Schemas(resources=RESOURCES)


@hookimpl
def jobs() -> Sequence[Job]:
    """Return what erases accounts."""
    return [
        Job(
            name=ERASE_ACCOUNT,
            run=erase_account,
            scope=JobScope.DEPLOYMENT,
            key="user_id",
            retry=_RETRY,
        )
    ]


@hookimpl
def permissions() -> Sequence[Permission]:
    """Return the rights that the routes ask for."""
    return [
        Permission(name="export", title="Take one's own data along", roles=tuple(Role)),
        Permission(name="erase", title="Erase one's own account", roles=tuple(Role)),
        Permission(
            name="suppress",
            title="Say who must not come in again",
            roles=(Role.OWNER, Role.ADMIN),
        ),
    ]

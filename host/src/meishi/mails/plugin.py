"""Hooks of the mails."""

from collections.abc import Sequence

from meishi.letters.errors import MailRefused
from meishi.mails import people
from meishi.mails.jobs import deliver, forget_unsent
from meishi.mails.models import metadata
from meishi.mails.sending import DELIVER
from meishi.sdk.plugin import (
    Job,
    JobScope,
    Migrations,
    PersonalData,
    RetryPolicy,
    Schemas,
    hookimpl,
)

#: A mail server that is away for two days loses nothing; within an hour it is asked again.
_RETRY = RetryPolicy(
    attempts=100, first_wait_seconds=10.0, longest_wait_seconds=3600.0, fatal=(MailRefused,)
)

#: Longer than a mail server may take, which is limited by itself.
_LIMIT_SECONDS = 180.0


@hookimpl
def schemas() -> Schemas:
    """Return the table."""
    return Schemas(db=metadata)


@hookimpl
def migrations() -> Migrations:
    """Return where the revisions are."""
    return Migrations("meishi.mails.migrations.versions")


@hookimpl
def jobs() -> Sequence[Job]:
    """Return what sends mails, and what forgets them."""
    return [
        Job(
            name=DELIVER,
            run=deliver,
            scope=JobScope.DEPLOYMENT,
            priority=50,
            limit_seconds=_LIMIT_SECONDS,
            retry=_RETRY,
        ),
        Job(
            name="forget_unsent",
            run=forget_unsent,
            schedule="47 3 * * *",
            scope=JobScope.DEPLOYMENT,
        ),
    ]


@hookimpl
def data_subject() -> PersonalData:
    """Return how people see and lose the mails that wait for them."""
    return PersonalData(export=people.export, erase=people.erase)

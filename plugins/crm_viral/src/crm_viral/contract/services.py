"""What the viral engine does for others."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from crm_viral.contract.conversions import (
    Arrival,
    Conversion,
    ConversionPage,
    SignUp,
)
from crm_viral.contract.errors import (
    CohortInvalid,
    ConversionNotFound,
    ImageUnavailable,
    LinkNotFound,
    NobodyActs,
    ProgrammeInvalid,
    ProgrammeNotFound,
    ProgrammeNotLive,
    SampleExists,
    TooManyLinks,
)
from crm_viral.contract.participation import (
    Followed,
    Link,
    LinkImage,
    LinkPage,
    ParticipantPage,
    TouchPage,
)
from crm_viral.contract.programmes import (
    Cohort,
    Growth,
    Programme,
    ProgrammeChanges,
    ProgrammePage,
    ProgrammeRules,
)
from crm_viral.contract.rewards import (
    DueReward,
    Home,
    RewardPage,
)
from meishi.sdk.contract import VersionMismatch, command, query


class Programmes(Protocol):
    """The referral programmes of the current workspace."""

    @command(errors=(ProgrammeInvalid,))
    def create(self, rules: ProgrammeRules) -> Programme:
        """Begin a programme."""
        ...

    @query(errors=(ProgrammeNotFound,))
    def get(self, programme_id: UUID) -> Programme:
        """Return one programme."""
        ...

    @query()
    def list(
        self,
        *,
        after: UUID | None = None,
        limit: int = 50,
        with_total: bool = False,
        newest: bool = False,
    ) -> ProgrammePage:
        """Return programmes in order of creation, or `newest` first, from behind `after`."""
        ...

    @command(errors=(ProgrammeInvalid, ProgrammeNotFound, VersionMismatch))
    def change(
        self,
        programme_id: UUID,
        changes: ProgrammeChanges,
        *,
        versions: tuple[int, ...] | None = None,
    ) -> Programme:
        """Change a programme, if it has one of the `versions`; None stands for any.

        What was granted stays as it was.
        """
        ...

    @query(errors=(CohortInvalid, ProgrammeNotFound))
    def growth(self, cohort: Cohort) -> Growth:
        """Tell how a cohort grows, with an interval that comes out the same each time."""
        ...


class Participation(Protocol):
    """Who takes part in the programmes of the current workspace, and their links."""

    @command(errors=(NobodyActs, ProgrammeNotFound, ProgrammeNotLive, TooManyLinks))
    def make_link(self, programme_id: UUID, *, label: str | None = None) -> Link:
        """Let who acts take part, if they do not yet, and give them a new link."""
        ...

    @query()
    def links_of(
        self, user_ids: tuple[UUID, ...], *, programme_id: UUID | None = None
    ) -> tuple[Link, ...]:
        """Return the first link of each of these users: in one programme, or in any that runs."""
        ...

    @query(errors=(LinkNotFound,))
    def link(self, link_id: UUID) -> Link:
        """Return one link."""
        ...

    @query()
    def draws_links(self) -> bool:
        """Return whether somebody draws codes here, so that `link_image` can answer."""
        ...

    @query(errors=(ImageUnavailable, LinkNotFound))
    def link_image(self, link_id: UUID) -> LinkImage:
        """Draw a link as a code, in SVG."""
        ...

    @query()
    def links(
        self,
        *,
        programme_id: UUID | None = None,
        after: UUID | None = None,
        limit: int = 50,
        with_total: bool = False,
    ) -> LinkPage:
        """Return links, of one programme or of all, in order of creation."""
        ...

    @query()
    def participants(
        self,
        *,
        programme_id: UUID | None = None,
        after: UUID | None = None,
        limit: int = 50,
        with_total: bool = False,
    ) -> ParticipantPage:
        """Return participants, of one programme or of all, in the order in which they came."""
        ...


class Touches(Protocol):
    """What happens when somebody follows a link."""

    @query()
    def workspace_of(self, code: str) -> UUID | None:
        """Return whose a link is; asked outside of any workspace."""
        ...

    @command()
    def follow(
        self,
        code: str,
        *,
        visitor: str | None,
        channel: str | None,
        placement: str | None,
        counted: bool,
    ) -> Followed | None:
        """Remember that a visitor has followed a link, if it is to be counted.

        `visitor` is what their browser has of an earlier visit. None comes back where nothing is
        remembered: the programme does not run, or nobody came.
        """
        ...

    @query()
    def list(
        self,
        *,
        programme_id: UUID | None = None,
        after: UUID | None = None,
        limit: int = 50,
        with_total: bool = False,
    ) -> TouchPage:
        """Return touches, of one programme or of all, in order of time."""
        ...


class Conversions(Protocol):
    """Sign-ups, and whom they are owed to."""

    @command()
    def announce(self, sign_ups: tuple[SignUp, ...]) -> None:
        """Let the workspaces of the links hear of sign-ups; outside of any workspace."""
        ...

    @command()
    def convert(self, arrivals: tuple[Arrival, ...]) -> None:
        """Decide about sign-ups, each once: whom they are owed to, and what both sides get."""
        ...

    @query(errors=(ConversionNotFound,))
    def get(self, conversion_id: UUID) -> Conversion:
        """Return one conversion."""
        ...

    @query()
    def list(
        self,
        *,
        programme_id: UUID | None = None,
        after: UUID | None = None,
        limit: int = 50,
        with_total: bool = False,
        newest: bool = False,
    ) -> ConversionPage:
        """Return conversions, of one programme or of all, in order, or `newest` first."""
        ...

    @command(errors=(ConversionNotFound,))
    def reverse(self, conversion_id: UUID) -> Conversion:
        """Take back what both sides got for a sign-up; one that was reversed stays so."""
        ...


class Rewards(Protocol):
    """The ledger of the current workspace: what people got here, whoever owed it."""

    @query()
    def list(
        self,
        *,
        programme_id: UUID | None = None,
        after: UUID | None = None,
        limit: int = 50,
        with_total: bool = False,
        newest: bool = False,
    ) -> RewardPage:
        """Return the ledger in its order, or `newest` first."""
        ...

    @command()
    def seek(self, homes: tuple[Home, ...]) -> None:
        """Let those hear who owe something to users that have a workspace now."""
        ...

    @command()
    def settle(self, homes: tuple[Home, ...]) -> None:
        """Send referees what they are owed here, into their workspaces."""
        ...

    @command()
    def accrue(self, due: tuple[DueReward, ...]) -> None:
        """Write rewards of referees into this workspace's ledger, each once."""
        ...

    @command()
    def revoke(self, conversion_ids: tuple[UUID, ...]) -> None:
        """Take rewards of referees back, each once."""
        ...


class Sample(Protocol):
    """A programme to try things out with."""

    @command(errors=(SampleExists,))
    def begin(self) -> Programme:
        """Begin a programme with a past of people who do not exist, in a workspace without any."""
        ...

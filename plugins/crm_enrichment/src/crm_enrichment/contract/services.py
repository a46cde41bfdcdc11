"""What the enrichment service does for others."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from crm_enrichment.contract.errors import (
    EnrichmentOff,
    FieldTaken,
    ProposalDecided,
    ProposalNotFound,
    RunNotFound,
)
from crm_enrichment.contract.fields import Field
from crm_enrichment.contract.values import (
    Decisions,
    Known,
    Proposal,
    ProposalPage,
    ProposalState,
    Run,
)
from meishi.sdk.contract import VersionMismatch, command, query


class Proposals(Protocol):
    """What was found about the contacts of the current workspace, and what people decide.

    What is about a contact that is kept from who acts is not there for them.
    """

    @query()
    def page(
        self,
        *,
        contact_id: UUID | None = None,
        state: ProposalState | None = None,
        provider: str | None = None,
        field: Field | None = None,
        after: UUID | None = None,
        limit: int = 50,
        with_total: bool = False,
    ) -> ProposalPage:
        """Return proposals, newest first, from behind the proposal `after`.

        Where many are of hidden contacts, a page with a next one may be shorter than its limit.
        """
        ...

    @query(errors=(ProposalNotFound,))
    def get(self, proposal_id: UUID) -> Proposal:
        """Return one proposal."""
        ...

    @query()
    def known(self, contact_ids: tuple[UUID, ...]) -> tuple[Known, ...]:
        """Return what was taken over for contacts, in the order of their fields."""
        ...

    @command(errors=(ProposalNotFound, ProposalDecided, FieldTaken, VersionMismatch))
    def apply(self, proposal_id: UUID) -> Proposal:
        """Take over what a proposal says; emits `proposal.applied.v1`.

        Other proposals for the place it takes are superseded. `FieldTaken` where somebody has
        typed something else, or the contact has that email, phone or link already, is gone, or
        refuses the value.
        """
        ...

    @command(errors=(ProposalNotFound, ProposalDecided))
    def reject(self, proposal_id: UUID) -> Proposal:
        """Turn a proposal down; emits `proposal.rejected.v1`.

        The same value from the same source is not proposed again for this contact, whoever reads
        it there; what waits of that is superseded. `ProposalDecided` also while somebody is
        taking it over.
        """
        ...

    @command(errors=(ProposalNotFound, ProposalDecided, FieldTaken, VersionMismatch))
    def revert(self, proposal_id: UUID) -> Proposal:
        """Take back what a proposal has changed; emits `proposal.reverted.v1`.

        The value before comes back. `FieldTaken` if somebody has changed the field since.
        """
        ...

    @command()
    def apply_many(self, proposal_ids: tuple[UUID, ...]) -> Decisions:
        """Apply each of at most `MAX_DECIDED` proposals that can be applied."""
        ...

    @command()
    def reject_many(self, proposal_ids: tuple[UUID, ...]) -> Decisions:
        """Turn down each of at most `MAX_DECIDED` proposals that is not decided."""
        ...


class Enrichment(Protocol):
    """Searching for what else is known about contacts of the current workspace."""

    @command(errors=(EnrichmentOff,))
    def run(self, contact_ids: tuple[UUID, ...]) -> Run:
        """Ask all providers about at most `MAX_RUN` contacts; emits the run's end.

        Those that ask outside are asked afterwards, by a job, and are not in the report.
        What was found waits as proposals, or is applied where the workspace wants that.
        """
        ...

    @command()
    def ask_outside(self, contact_ids: tuple[UUID, ...]) -> None:
        """Ask providers about a few contacts that ask outside, in a job."""
        ...

    @query(errors=(RunNotFound,))
    def get_run(self, run_id: UUID) -> Run:
        """Return the report of a run."""
        ...

    @command()
    def follow(self, contact_ids: tuple[UUID, ...]) -> None:
        """Read contacts as they are now, and ask about them as the workspace wants."""
        ...

    @command()
    def follow_page(self, after: UUID | None) -> UUID | None:
        """Ask about one page of all contacts; return behind which the next one begins."""
        ...

    @command()
    def lock(self, edits: tuple[tuple[UUID, Field], ...]) -> None:
        """Keep what people have typed: their fields are theirs from now on."""
        ...

    @command()
    def move(self, source_id: UUID, target_id: UUID) -> int:
        """Let what is known of a merged contact be that of another; return how much moved."""
        ...

    @command()
    def give_back(self, source_ids: tuple[UUID, ...], target_id: UUID) -> tuple[int, int]:
        """Let what came from one of the sources be known of the first of them, not of the target.

        Returns how many proposals went back, and how many are another's by now and stay.
        """
        ...

    @command()
    def forget(self, contact_ids: tuple[UUID, ...]) -> int:
        """Leave nothing of erased contacts; return of how many records."""
        ...

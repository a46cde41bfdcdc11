"""What the social graph does for others."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from crm_graph.contract.answers import CommunityList, Path, Recommendation, Tie
from crm_graph.contract.errors import (
    GraphTooLarge,
    InvalidGraphQuery,
    NodeNotFound,
    OrganisationNotFound,
    OwnContactMissing,
    TieNotFound,
    UnknownTieSource,
)
from crm_graph.contract.evidence import Evidence
from meishi.sdk.contract import Document, command, query


class Ties(Protocol):
    """Evidence of ties in the current workspace, as it comes in."""

    @command(errors=(UnknownTieSource,))
    def record(self, source: str, evidence: tuple[Evidence, ...]) -> None:
        """Store what a source knows: `<plugin>.<name>` of an item of `graph_tie_sources`.

        Contacts that are not there yet, or any more, have ties as soon as they are.
        """
        ...

    @command(errors=(UnknownTieSource,))
    def retract(self, source: str, keys: tuple[str, ...]) -> None:
        """Forget evidence of a source; what is not there is no fault."""
        ...

    @command()
    def follow_contacts(self, contact_ids: tuple[UUID, ...]) -> None:
        """Read contacts as they are now, and tie them, or take them out if they are gone."""
        ...

    @command()
    def follow_relationships(self, relationship_ids: tuple[UUID, ...]) -> None:
        """Read relationships as they are now, and tie who has one."""
        ...

    @command()
    def forget_contacts(self, contact_ids: tuple[UUID, ...]) -> None:
        """Leave nothing of contacts, and no evidence about them."""
        ...

    @command()
    def move(self, source_id: UUID, target_id: UUID) -> int:
        """Let all that is known of a contact be about another; return how much that was."""
        ...

    @command()
    def give_back(self, source_ids: tuple[UUID, ...], target_id: UUID) -> int:
        """Let what came from one of the sources be about the first of them, and not the target.

        Returns how much that was. What was retracted since does not come back.
        """
        ...

    @command()
    def follow_exchanges(self, meetings: tuple[Evidence, ...]) -> None:
        """Tie those who have exchanged cards: evidence of the source `exchange`."""
        ...

    @command()
    def read_exchanges_before(self, after: UUID | None) -> UUID | None:
        """Read a page of exchanges that were there before; return where the next one begins.

        Where nobody exchanges cards, there is none.
        """
        ...

    @command()
    def read_before(self, place: str | None) -> str | None:
        """Read a page of what was there before the graph; return where the next one begins."""
        ...


class Graph(Protocol):
    """Questions about the graph of the current workspace."""

    @query(errors=(GraphTooLarge,))
    def nodes(self) -> Document:
        """Return all people, with degree and community, as parallel arrays."""
        ...

    @query(errors=(GraphTooLarge, NodeNotFound))
    def ties(self, *, contact_id: UUID | None = None, min_strength: float = 0.0) -> Document:
        """Return ties as pairs of places in a list of ids, strongest first."""
        ...

    @query(errors=(GraphTooLarge, NodeNotFound, TieNotFound))
    def tie(self, source_id: UUID, target_id: UUID) -> Tie:
        """Return one tie, with what it is made of."""
        ...

    @query(errors=(GraphTooLarge, NodeNotFound))
    def strongest(self, contact_id: UUID, *, most: int = 10) -> tuple[Tie, ...]:
        """Return the strongest ties of a contact, strongest first, without their reasons."""
        ...

    @query(errors=(GraphTooLarge, NodeNotFound))
    def ego(self, contact_id: UUID, *, hops: int = 1) -> Document:
        """Return who is within so many ties of a contact, and the ties among them."""
        ...

    @query(errors=(OwnContactMissing,))
    def own_contact(self) -> UUID:
        """Return the contact that the user has marked as their own, or that it was merged into."""
        ...

    @query(
        errors=(
            GraphTooLarge,
            InvalidGraphQuery,
            NodeNotFound,
            OrganisationNotFound,
            OwnContactMissing,
        )
    )
    def paths(
        self,
        *,
        source_id: UUID | None = None,
        target_id: UUID | None = None,
        organisation: str | None = None,
        alternatives: int = 3,
    ) -> tuple[Path, ...]:
        """Return the best ways of introductions to a contact or into an organisation.

        They begin with the contact that the user has marked as their own, unless another one is
        named, go over at most four ties, and come best first.
        """
        ...

    @query(errors=(GraphTooLarge, NodeNotFound))
    def recommendations(self, contact_id: UUID, *, most: int = 10) -> tuple[Recommendation, ...]:
        """Return whom a contact should know by those that they know, best first."""
        ...

    @query()
    def communities(self) -> CommunityList:
        """Return the communities, as a worker found them last."""
        ...

    @query(errors=(GraphTooLarge,))
    def layout(self) -> Document:
        """Return the picture: people with places and communities, and ties, as parallel arrays."""
        ...


class Drawings(Protocol):
    """Communities and places of people, which a worker computes."""

    @command()
    def ask(self) -> UUID:
        """Have a worker draw the graph anew, and return the operation."""
        ...

    @command()
    def draw_at_rest(self, asked_at: datetime) -> int | None:
        """Draw what changes asked for at a time, and return how many people have places.

        None if it was drawn meanwhile, or is put off as the graph is still changing: then it is
        asked for anew.
        """
        ...

    @command()
    def draw(self) -> int:
        """Compute communities and places now, and return how many people have them."""
        ...

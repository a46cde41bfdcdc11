"""Answers to questions about the graph, from what is in memory of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import exp
from uuid import UUID

from crm_graph.colleagues import MAX_COLLEAGUES, ORGANISATION, colleague_weight
from crm_graph.contract import (
    Community,
    CommunityList,
    InvalidGraphQuery,
    NodeNotFound,
    OrganisationNotFound,
    OwnContactMissing,
    Path,
    Person,
    Recommendation,
    Tie,
    TieNotFound,
    TieParts,
    TieReason,
)
from crm_graph.organisations import organisation_key
from crm_graph.paths import Way, ways
from crm_graph.recommending import proposals
from crm_graph.repository import evidence, nodes, pictures, states
from crm_graph.repository.evidence import Pair, Said
from crm_graph.service import documents
from crm_graph.service.reasons import reasons
from crm_graph.service.snapshots import Snapshots
from crm_graph.snapshot import Snapshot
from meishi.sdk.context import current_settings
from meishi.sdk.contract import Document
from meishi.sdk.plugin import PluginContext

#: Members of an organisation that ways may end with, and what callers may ask for at most.
_MOST_GOALS = 10_000
_MOST = 100
_MOST_ALTERNATIVES = 10
_MOST_HOPS = 3


class GraphService:
    """Implements `Graph`; one object serves all threads of a process."""

    def __init__(self, context: PluginContext) -> None:
        self._snapshots = Snapshots(context)

    def nodes(self) -> Document:
        """Return all people."""
        return documents.nodes(self._snapshots.current())

    def ties(self, *, contact_id: UUID | None = None, min_strength: float = 0.0) -> Document:
        """Return ties, strongest first."""
        graph = self._snapshots.current()
        place = None if contact_id is None else _place(graph, contact_id)
        return documents.ties(graph, place, min_strength)

    def tie(self, source_id: UUID, target_id: UUID) -> Tie:
        """Return one tie, with what it is made of."""
        graph = self._snapshots.current()
        places = _place(graph, source_id), _place(graph, target_id)
        if graph.tie(*places) is None:
            raise TieNotFound(f"{source_id} and {target_id} have no tie.")
        pair = min(source_id, target_id), max(source_id, target_id)
        said = reasons([*evidence.of(pair), *_as_colleagues(pair)], graph.at)
        people = _people([source_id, target_id])
        for contact_id in pair:
            if contact_id not in people:
                raise _missing(contact_id)
        return _tie(graph, people, *places, said)

    def strongest(self, contact_id: UUID, *, most: int = 10) -> tuple[Tie, ...]:
        """Return the strongest ties of a contact."""
        graph = self._snapshots.current()
        place = _place(graph, contact_id)
        around = graph.around(place)
        strengths = graph.strengths[graph.tie_of[around]].tolist()
        ranked = sorted(
            zip(strengths, graph.neighbours[around].tolist(), strict=True), reverse=True
        )
        others = [other for _, other in ranked[: _within(most, _MOST)]]
        people = _people(graph.id(found) for found in (place, *others))
        if contact_id not in people:
            raise _missing(contact_id)
        return tuple(
            _tie(graph, people, place, other, ()) for other in others if graph.id(other) in people
        )

    def ego(self, contact_id: UUID, *, hops: int = 1) -> Document:
        """Return who is around a contact."""
        graph = self._snapshots.current()
        return documents.ego(graph, _place(graph, contact_id), _within(hops, _MOST_HOPS))

    def own_contact(self) -> UUID:
        """Return the contact that the user has marked as their own, or that it was merged into."""
        found: UUID | None = current_settings()["own_contact"]
        if found is None:
            raise OwnContactMissing(
                "Name the contact with which the path begins (`from`), or set own_contact in your "
                "settings of crm_graph to the contact that is you."
            )
        return evidence.stands_for(found)

    def paths(
        self,
        *,
        source_id: UUID | None = None,
        target_id: UUID | None = None,
        organisation: str | None = None,
        alternatives: int = 3,
    ) -> tuple[Path, ...]:
        """Return the best ways of introductions."""
        if (target_id is None) == (organisation is None):
            raise InvalidGraphQuery("Say either to whom, or into which organisation.")
        graph = self._snapshots.current()
        start = _place(graph, source_id or self.own_contact())
        goals = _members(graph, organisation) if target_id is None else [_place(graph, target_id)]
        found = ways(graph, start, goals, _within(alternatives, _MOST_ALTERNATIVES))
        people = _people(graph.id(place) for way in found for place in way.places)
        return tuple(
            _path(graph, way, people)
            for way in found
            if all(graph.id(place) in people for place in way.places)
        )

    def recommendations(self, contact_id: UUID, *, most: int = 10) -> tuple[Recommendation, ...]:
        """Return whom a contact should know."""
        graph = self._snapshots.current()
        found = proposals(graph, _place(graph, contact_id), _within(most, _MOST))
        people = _people(graph.id(at) for one in found for at in (one.place, *one.through))
        return tuple(
            Recommendation(
                person=people[graph.id(one.place)],
                score=one.score,
                through=tuple(
                    people[known] for at in one.through if (known := graph.id(at)) in people
                ),
            )
            for one in found
            if graph.id(one.place) in people
        )

    def communities(self) -> CommunityList:
        """Return the communities."""
        state = states.read()
        return CommunityList(
            version=state.drawn_version,
            current_version=state.version,
            modularity=state.modularity,
            computed_at=state.drawn_at,
            items=tuple(
                Community(id=i, name=name, size=size) for i, name, size in pictures.groups()
            ),
        )

    def layout(self) -> Document:
        """Return the picture."""
        return documents.layout(self._snapshots.current())


def _within(wanted: int, most: int) -> int:
    return max(1, min(wanted, most))


def _place(graph: Snapshot, contact_id: UUID) -> int:
    found = graph.place(contact_id)
    if found is None:
        raise _missing(contact_id)
    return found


def _missing(contact_id: UUID) -> NodeNotFound:
    return NodeNotFound(
        f"There is no contact {contact_id} in the graph of this workspace; new ones follow "
        "within seconds."
    )


def _members(graph: Snapshot, organisation: str | None) -> list[int]:
    key = organisation_key(organisation)
    found = [] if key is None else nodes.members(key, _MOST_GOALS)
    places = [place for one in found if (place := graph.place(one)) is not None]
    if not places:
        raise OrganisationNotFound(f"Nobody in the graph belongs to {organisation!r}.")
    return places


def _people(ids: Iterable[UUID]) -> dict[UUID, Person]:
    """Return who people are; those are not among them who have left since the graph was read."""
    return {
        node.id: Person(id=node.id, name=node.name, organisation=node.organisation)
        for node in nodes.find(sorted(set(ids))).values()
    }


def _as_colleagues(pair: Pair) -> Iterable[Said]:
    members = nodes.shared(*pair, MAX_COLLEAGUES + 1)
    if 0 < members <= MAX_COLLEAGUES:
        yield ORGANISATION, colleague_weight(members), None


def _path(graph: Snapshot, way: Way, people: dict[UUID, Person]) -> Path:
    pairs = zip(way.places, way.places[1:], strict=False)
    strengths = [float(graph.strengths[graph.tie(*pair) or 0]) for pair in pairs]
    return Path(
        people=tuple(people[graph.id(place)] for place in way.places),
        strengths=tuple(strengths),
        strength=exp(-way.cost),
    )


def _tie(
    graph: Snapshot, people: dict[UUID, Person], place: int, other: int, said: Sequence[TieReason]
) -> Tie:
    number = graph.tie(place, other) or 0
    interaction, reciprocity, overlap = (float(part) for part in graph.parts[:, number])
    return Tie(
        source=people[graph.id(place)],
        target=people[graph.id(other)],
        strength=float(graph.strengths[number]),
        parts=TieParts(interaction=interaction, reciprocity=reciprocity, overlap=overlap),
        common=int(graph.common[number]),
        reasons=tuple(said),
    )

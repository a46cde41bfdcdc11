"""A sample programme with a history, for workspaces in which people try things out."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from crm_viral.codes import new_code, referral_in
from crm_viral.contract import Arrival, Link, Programme, ProgrammeRules, SampleExists
from crm_viral.repository import links, programmes
from crm_viral.sample_history import Happening, history, name_of
from crm_viral.service.conversions import ConversionService
from crm_viral.service.programmes import ProgrammeService
from crm_viral.service.touches import TouchService, visitor_digest
from meishi.core.identity.contract import Accounts, Workspaces
from meishi.sdk.context import service
from meishi.sdk.plugin import PluginContext

_DAYS = 75
_FOUNDERS = 9
_SEED = 20_261_128
#: A domain that nobody can have (RFC 2606).
_DOMAIN = "sample.example"


@dataclass(slots=True)
class _People:
    """Who is who in a history: accounts, links, and what browsers have of touches."""

    accounts: dict[int, UUID] = field(default_factory=dict)
    links: dict[int, Link] = field(default_factory=dict)
    referrals: dict[int, str] = field(default_factory=dict)


class SampleService:
    """Implements `Sample`; `seed` makes the same history come out."""

    def __init__(self, context: PluginContext, seed: int = _SEED) -> None:
        self._context = context
        self._seed = seed

    def begin(self) -> Programme:
        """Make a programme, and let its past happen by the same services as everybody's."""
        now = self._context.clock()
        if programmes.listed(None, 1, with_total=False)[0]:
            raise SampleExists("There is a programme here; a sample would mix with it.")
        begins = now - timedelta(days=_DAYS)
        programme = ProgrammeService(self._at(begins)).create(
            ProgrammeRules(
                name="Bring a colleague",
                starts_at=begins,
                referrer_reward=500,
                referee_reward=250,
                person_cap=5_000,
                budget=50_000,
            )
        )
        people = _People(accounts={0: service(Workspaces).owner().id})
        chance = Random(self._seed)  # noqa: S311 (a story, not a secret)
        for happening in history(chance, begins, now, founders=_FOUNDERS):
            self._happen(programme, people, happening)
        return ProgrammeService(self._context).get(programme.id)

    def _at(self, moment: datetime) -> PluginContext:
        clock: Callable[[], datetime] = lambda: moment  # noqa: E731 (a clock that stands still)
        return replace(self._context, clock=clock)

    def _happen(self, programme: Programme, people: _People, happening: Happening) -> None:
        if happening.joins and happening.person is not None:
            self._join(programme, people, happening.person, happening.at)
        elif happening.channel is not None:
            self._touch(people, happening)
        elif happening.person is not None:
            self._sign_up(people, happening.person, happening.at)

    def _join(self, programme: Programme, people: _People, person: int, at: datetime) -> None:
        user_id = people.accounts.get(person) or self._account(people, person)
        participant_id, _ = links.join(self._context.new_id(), programme.id, user_id, at)
        made = Link(
            id=self._context.new_id(),
            programme_id=programme.id,
            participant_id=participant_id,
            user_id=user_id,
            code=new_code(secrets.randbits),
            url="",
            label=None,
            created_at=at,
        )
        links.add(made)
        people.links[person] = made

    def _touch(self, people: _People, happening: Happening) -> None:
        if happening.led_by is None:
            return
        followed = TouchService(self._at(happening.at)).follow(
            people.links[happening.led_by].code,
            visitor=None,
            channel=happening.channel,
            placement=None,
            counted=True,
        )
        if followed is not None and happening.person is not None:
            people.referrals[happening.person] = followed.referral

    def _sign_up(self, people: _People, person: int, at: datetime) -> None:
        referral = referral_in(people.referrals[person])
        if referral is None or referral.visitor is None:
            return
        arrival = Arrival(
            user_id=self._account(people, person),
            link_id=next(it.id for it in people.links.values() if it.code == referral.code),
            visitor=visitor_digest(referral.visitor).hex(),
            at=at,
        )
        ConversionService(self._at(at)).convert((arrival,))

    def _account(self, people: _People, person: int) -> UUID:
        """Open an account that nobody can sign in to."""
        name = name_of(person)
        made = service(Accounts).sign_up_invited(
            email=f"{name.lower().replace(' ', '.')}.{person}@{_DOMAIN}",
            name=name,
            password=secrets.token_urlsafe(24),
        )
        if made is None:
            raise SampleExists("The people of a sample have accounts here already.")
        people.accounts[person] = made
        return made

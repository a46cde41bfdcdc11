"""Participation: who shares links, and the links."""

from __future__ import annotations

import secrets
from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import UUID

from crm_viral.codes import LINK_PATH, MAX_TRIES, RandomBits, new_code
from crm_viral.contract import (
    MAX_LINKS,
    ImageUnavailable,
    Link,
    LinkImage,
    LinkNotFound,
    LinkPage,
    NobodyActs,
    ParticipantPage,
    ProgrammeNotLive,
    TooManyLinks,
)
from crm_viral.repository import links, programmes
from crm_viral.service.programmes import is_live, size, unknown_programme
from meishi.core.identity.contract import MemberNotFound, Members
from meishi.sdk.context import current_actor, service
from meishi.sdk.plugin import PluginContext

if TYPE_CHECKING:
    from qr.contract import Codes


class ParticipationService:
    """Implements `Participation`."""

    def __init__(self, context: PluginContext, random_bits: RandomBits = secrets.randbits) -> None:
        self._clock = context.clock
        self._new_id = context.new_id
        self._public_url = context.public_url
        self._random_bits = random_bits

    def make_link(self, programme_id: UUID, *, label: str | None = None) -> Link:
        """Let who acts take part, and give them a link."""
        user_id, now = _acting_person(), self._clock()
        programme = programmes.get(programme_id)
        if programme is None:
            raise unknown_programme(programme_id)
        if not is_live(programme.rules, now):
            raise ProgrammeNotLive("It is paused or over, or has not begun; nobody joins it now.")
        participant_id, had = links.join(self._new_id(), programme_id, user_id, now)
        if had >= MAX_LINKS:
            raise TooManyLinks(f"{MAX_LINKS} links are enough for one; use one that you have.")
        for _ in range(MAX_TRIES):
            code = new_code(self._random_bits)
            made = Link(
                id=self._new_id(),
                programme_id=programme_id,
                participant_id=participant_id,
                user_id=user_id,
                code=code,
                url=f"{self._public_url}{LINK_PATH}{code}",
                label=label,
                created_at=now,
            )
            if links.add(made):
                return made
        raise RuntimeError(f"{MAX_TRIES} random codes were taken already")

    def links_of(
        self, user_ids: tuple[UUID, ...], *, programme_id: UUID | None = None
    ) -> tuple[Link, ...]:
        """Return the first link of each of these users."""
        return links.of_users(user_ids, programme_id, self._clock(), self._public_url)

    def link(self, link_id: UUID) -> Link:
        """Return one link."""
        found = links.of_ids([link_id], self._public_url).get(link_id)
        if found is None:
            raise LinkNotFound(f"There is no link {link_id} in this workspace.")
        return found

    def draws_links(self) -> bool:
        """Return whether somebody draws codes here."""
        return _codes() is not None

    def link_image(self, link_id: UUID) -> LinkImage:
        """Draw a link, by whoever draws codes here."""
        url = self.link(link_id).url
        codes = _codes()
        if codes is None:
            raise ImageUnavailable("Switch on QR codes, or share the address itself.")
        from qr.contract import ImageFormat

        image = codes.draw_address(url, ImageFormat.SVG)
        return LinkImage(media_type=image.media_type, body=image.body)

    def links(
        self,
        *,
        programme_id: UUID | None = None,
        after: UUID | None = None,
        limit: int = 50,
        with_total: bool = False,
    ) -> LinkPage:
        """Return links in order of creation."""
        found = links.links(
            self._public_url,
            programme_id=programme_id,
            after=after,
            limit=size(limit),
            with_total=with_total,
        )
        return LinkPage(items=found[0], next_after=found[1], total=found[2])

    def participants(
        self,
        *,
        programme_id: UUID | None = None,
        after: UUID | None = None,
        limit: int = 50,
        with_total: bool = False,
    ) -> ParticipantPage:
        """Return participants in the order in which they came."""
        found = links.participants(
            programme_id=programme_id, after=after, limit=size(limit), with_total=with_total
        )
        return ParticipantPage(items=found[0], next_after=found[1], total=found[2])


def _acting_person() -> UUID:
    """Return the member who acts; a service account has an id, but nobody stands behind it."""
    user_id = current_actor().user_id
    with suppress(MemberNotFound):
        if user_id is not None:
            return service(Members).get(user_id).user_id
    raise NobodyActs("Use the token of a person, or the page Growth.")


def _codes() -> Codes | None:
    """Return who draws codes; None where no such plugin is installed or runs."""
    with suppress(ImportError, LookupError):
        from qr.contract import Codes as Drawing

        return service(Drawing)
    return None

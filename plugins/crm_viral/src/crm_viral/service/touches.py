"""Touches: somebody follows a link, and nobody learns who."""

from __future__ import annotations

import secrets
from uuid import UUID

from crm_viral.codes import RandomBits, Referral, code_in, new_visitor, referral_in
from crm_viral.contract import Followed, ReferralTouched, TouchPage
from crm_viral.repository import links
from crm_viral.service.programmes import size
from meishi.sdk.context import publish
from meishi.sdk.personal_data import keyed_digest
from meishi.sdk.plugin import PluginContext

_DAY_SECONDS = 86_400


class TouchService:
    """Implements `Touches`."""

    def __init__(self, context: PluginContext, random_bits: RandomBits = secrets.randbits) -> None:
        self._clock = context.clock
        self._new_id = context.new_id
        self._random_bits = random_bits

    def workspace_of(self, code: str) -> UUID | None:
        """Return whose a link is."""
        found = code_in(code)
        return None if found is None else links.workspace_of(found)

    def follow(
        self,
        code: str,
        *,
        visitor: str | None,
        channel: str | None,
        placement: str | None,
        counted: bool,
    ) -> Followed | None:
        """Remember that a visitor has followed a link: one insert, and an event."""
        found = code_in(code)
        if found is None or not counted:
            return None
        known = referral_in(visitor or "")
        who = (known.visitor if known else None) or new_visitor(self._random_bits)
        touch_id = self._new_id()
        written = links.follow(
            found,
            touch_id=touch_id,
            at=self._clock(),
            visitor=visitor_digest(who),
            channel=channel,
            placement=placement,
        )
        if written is None:
            return None
        publish(
            ReferralTouched(
                touch_id=touch_id,
                link_id=written.link_id,
                programme_id=written.programme_id,
                channel=channel,
                placement=placement,
            )
        )
        return Followed(
            referral=str(Referral(found, who)), seconds=written.window_days * _DAY_SECONDS
        )

    def list(
        self,
        *,
        programme_id: UUID | None = None,
        after: UUID | None = None,
        limit: int = 50,
        with_total: bool = False,
    ) -> TouchPage:
        """Return touches in order of time."""
        found = links.touches(
            programme_id=programme_id, after=after, limit=size(limit), with_total=with_total
        )
        return TouchPage(items=found[0], next_after=found[1], total=found[2])


def visitor_digest(visitor: str) -> bytes:
    """Return by what a visitor is known again, and not without the deployment's key."""
    return keyed_digest("visitor", visitor.encode())

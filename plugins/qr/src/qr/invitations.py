"""The hook by which others say where visitors make a card of their own."""

from __future__ import annotations

from collections.abc import Sequence

from qr.contract import CardInvitation


def qr_card_invitations() -> Sequence[CardInvitation]:  # type: ignore[empty-body]
    """Where "Make your own card" leads from the page of a card, such as to a referral.

    The first that says a path is followed, in the order of the plugins; where none does, the
    visitor comes to the sign-up. One that fails or is slow costs the visitor nothing else.
    """

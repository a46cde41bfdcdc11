"""How people read what a decision rests on."""

from __future__ import annotations

from collections.abc import Mapping

from meishi.sdk.texts import gettext as _


def words() -> Mapping[str, str]:
    """Return what the page says for each value of the contract, in the reader's language."""
    return {
        "last_click": _("by a followed link"),
        "typed_code": _("by a typed code"),
        "last": _("the last link that was followed before the sign-up"),
        "earlier": _("another link was followed later"),
        "too_old": _("too long before the sign-up"),
        "after_sign_up": _("after the sign-up"),
        "own_link": _("a link of their own"),
        "granted": _("granted"),
        "nothing_promised": _("nothing was promised"),
        "person_cap": _("the most that one person gets is reached"),
        "budget": _("the budget is spent"),
        "referrer": _("Who brings somebody"),
        "referee": _("Who comes"),
        "accrue": _("Granted"),
        "reverse": _("Taken back"),
        "live": _("running"),
        "paused": _("paused"),
    }

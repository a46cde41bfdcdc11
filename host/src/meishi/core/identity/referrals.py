"""Referrals: what led somebody here, in words that only who gave them understands."""

from __future__ import annotations

import re

#: Letters, digits and signs that stand in addresses and cookies as they are.
_REFERRAL = re.compile(r"[A-Za-z0-9._~-]{1,200}")


def is_referral(text: str) -> bool:
    """Whether a text can be a referral."""
    return _REFERRAL.fullmatch(text) is not None

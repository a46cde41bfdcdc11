"""Visitors of links: whether anybody came, and where from, as coarsely as counting needs."""

from __future__ import annotations

import re

#: Words of programs that fetch pages without anybody looking: crawlers, previews, monitors.
#: A Cubot is a telephone.
_BOT = re.compile(
    "(?<!cu)bot|crawl|spider|slurp|preview|monitor|headless|lighthouse|archive|fetch"
    "|facebookexternalhit|meta-external|whatsapp|telegram|skypeuri|embedly|vkshare|bingpreview"
    "|^curl|^wget|python|httpx|aiohttp|^go-http|okhttp|libwww|java/|axios|^node"
)
#: Characters of a User-Agent that are looked at; those of browsers have about a hundred.
_LONGEST_AGENT = 512
_TAG = re.compile(r"[a-z0-9_-]{1,40}")


def is_program(user_agent: str) -> bool:
    """Whether a User-Agent speaks of a program that looks ahead."""
    return _BOT.search(user_agent[:_LONGEST_AGENT].lower()) is not None


def tag_in(text: str | None) -> str | None:
    """Return the name of a channel or placement in a query; None for what can be none."""
    tag = (text or "").lower()
    return tag if _TAG.fullmatch(tag) else None

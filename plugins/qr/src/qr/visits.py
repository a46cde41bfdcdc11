"""Who visits a card, as coarsely as counting needs: no address, no program, no person."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from qr.contract import DeviceClass

#: Words of programs that fetch pages without anybody looking: crawlers, previews, monitors.
#: A Cubot is a telephone.
_BOT = re.compile(
    "(?<!cu)bot|crawl|spider|slurp|preview|monitor|headless|lighthouse|archive|fetch"
    "|facebookexternalhit|meta-external|whatsapp|telegram|skypeuri|embedly|vkshare|bingpreview"
    "|^curl|^wget|python|httpx|aiohttp|^go-http|okhttp|libwww|java/|axios|^node"
)
_TABLET = re.compile("ipad|tablet|kindle|silk/|playbook")
_MOBILE = re.compile("mobi|iphone|ipod|android|blackberry|opera mini|windows phone")
_DESKTOP = re.compile("windows nt|macintosh|x11|cros ")

#: Characters of a User-Agent that are looked at; those of browsers have about a hundred.
_LONGEST_AGENT = 512

_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")
_LONGEST_HOST = 253


def device_class(user_agent: str) -> DeviceClass:
    """Return what kind of device a User-Agent speaks of."""
    text = user_agent[:_LONGEST_AGENT].lower()
    if _BOT.search(text):
        return DeviceClass.BOT
    # Android says "Mobile" on telephones only.
    if _TABLET.search(text) or ("android" in text and "mobi" not in text):
        return DeviceClass.TABLET
    if _MOBILE.search(text):
        return DeviceClass.MOBILE
    return DeviceClass.DESKTOP if _DESKTOP.search(text) else DeviceClass.UNKNOWN


def referrer_host(referrer: str | None) -> str | None:
    """Return the host of the page that led here, in lower case; None where none is named."""
    try:
        host = urlsplit(referrer or "").hostname or ""
    except ValueError:
        return None
    return host if len(host) <= _LONGEST_HOST and _HOST.fullmatch(host) else None

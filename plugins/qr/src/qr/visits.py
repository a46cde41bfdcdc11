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
_TABLET = re.compile("ipad|tablet|kindle|silk/|playbook|android(?!.*mobi)")
_MOBILE = re.compile("mobi|iphone|ipod|android|blackberry|opera mini|windows phone")
_DESKTOP = re.compile("windows nt|macintosh|x11|cros ")

_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")
_LONGEST_HOST = 253


def device_class(user_agent: str) -> DeviceClass:
    """Return what kind of device a User-Agent speaks of."""
    text = user_agent.lower()
    for pattern, found in (
        (_BOT, DeviceClass.BOT),
        (_TABLET, DeviceClass.TABLET),
        (_MOBILE, DeviceClass.MOBILE),
        (_DESKTOP, DeviceClass.DESKTOP),
    ):
        if pattern.search(text):
            return found
    return DeviceClass.UNKNOWN


def referrer_host(referrer: str | None) -> str | None:
    """Return the host of the page that led here, in lower case; None where none is named."""
    try:
        host = urlsplit(referrer or "").hostname or ""
    except ValueError:
        return None
    return host if len(host) <= _LONGEST_HOST and _HOST.fullmatch(host) else None

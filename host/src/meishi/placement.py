"""Where a plugin runs: in these processes, or as a service of its own that others call."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from meishi.errors import SettingsError

#: The keys of `[plugin.NAME]` that are the host's, not the plugin's.
PLACEMENT_KEYS = ("placement", "placement_token", "placement_seconds")

#: How a service token may be written: what nobody guesses, and a header can carry.
TOKEN = re.compile(r"[!-+\--~]{32,200}")
TOKEN_HINT = "32 to 200 characters of ASCII without spaces and commas, which nobody can guess."  # noqa: S105 (says how)

#: Seconds that a call may take, all its attempts together: by default, and at most.
SECONDS, MOST_SECONDS = 5, 300

_URL = re.compile(r"https?://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\])(:[0-9]{1,5})?/?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a plugin is that runs elsewhere.

    `url` is the origin of its service, without a slash at the end. `token` is what both sides know
    each other by, `more_tokens` those that hold as well while they are changed. `seconds` is how
    long a call may take, all its attempts together.
    """

    url: str
    token: str = field(repr=False)
    more_tokens: tuple[str, ...] = field(default=(), repr=False)
    seconds: int = SECONDS

    @property
    def tokens(self) -> tuple[str, ...]:
        """All tokens; the first is sent, unless the other side does not know it."""
        return (self.token, *self.more_tokens)


def take_placements(
    plugin_settings: Mapping[str, dict[str, Any]], inside: Collection[str]
) -> tuple[dict[str, Placement], dict[str, Placement]]:
    """Take the host's keys out of the plugins' settings; return who is elsewhere, and who may be.

    Who has a token and no place may be moved: what is returned of them has no `url` yet.
    `inside` are the hosts that the operator says are their own.

    :raises SettingsError: naming the key, and never the token
    """
    placed: dict[str, Placement] = {}
    movable: dict[str, Placement] = {}
    for plugin, values in plugin_settings.items():
        given = {key: values.pop(key) for key in PLACEMENT_KEYS if key in values}
        if given.get("placement", "local") != "local":
            placed[plugin] = _placement(plugin, given, inside)
        elif "placement_token" in given:
            movable[plugin] = _known(plugin, given, url="")
    return placed, movable


def checked_url(key: str, url: object, inside: Collection[str]) -> str:
    """Return where a service is; raise if that is no address of one, or would tell the token."""
    if not isinstance(url, str) or not _URL.fullmatch(url):
        raise SettingsError(
            f"`{key}` must be where the service is: {url!r}.",
            hint="For example https://enrichment.example.com, without a path behind it.",
        )
    parts = urlsplit(url)
    if parts.scheme == "http" and not _is_inside(parts.hostname or "", parts.netloc, inside):
        raise SettingsError(
            f"`{key}` must be https, or anybody between here and there could read the token.",
            hint="A host of your own network may be listed in `outgoing_hosts`.",
        )
    return url.rstrip("/")


def _is_inside(host: str, netloc: str, inside: Collection[str]) -> bool:
    if host == "localhost" or {host, netloc.lower()} & set(inside):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _placement(plugin: str, given: Mapping[str, Any], inside: Collection[str]) -> Placement:
    url = checked_url(f"plugin.{plugin}.placement", given["placement"], inside)
    return _known(plugin, given, url=url)


def _known(plugin: str, given: Mapping[str, Any], *, url: str) -> Placement:
    tokens = _tokens(given.get("placement_token", ""))
    if not tokens or not all(TOKEN.fullmatch(token) for token in tokens):
        raise SettingsError(
            f"`plugin.{plugin}.placement_token` must be the service's token.", hint=TOKEN_HINT
        )
    seconds = given.get("placement_seconds", SECONDS)
    if isinstance(seconds, bool) or not str(seconds).isdecimal():
        seconds = 0
    if not 1 <= int(seconds) <= MOST_SECONDS:
        raise SettingsError(
            f"`plugin.{plugin}.placement_seconds` must be a whole number from 1 to {MOST_SECONDS}."
        )
    return Placement(url=url, token=tokens[0], more_tokens=tuple(tokens[1:]), seconds=int(seconds))


def _tokens(given: object) -> list[str]:
    """Return the tokens in a list, or in a text with commas; none for anything else."""
    found = given.split(",") if isinstance(given, str) else given
    if not isinstance(found, list) or not all(isinstance(token, str) for token in found):
        return []
    return [token.strip() for token in found if token.strip()]

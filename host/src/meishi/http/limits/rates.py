"""How often somebody may ask: limits per token, per workspace, and per address of strangers."""

from __future__ import annotations

from uuid import UUID

from flask import Flask, current_app, request

from meishi.host import Host
from meishi.http.headers import add_headers
from meishi.http.limits.addresses import client_address
from meishi.http.limits.buckets import SECOND, Buckets, Level, MemoryBuckets, Quota
from meishi.http.limits.stored_buckets import StoredBuckets
from meishi.sdk.contract import DomainError
from meishi.settings import RateLimitStore, Settings

#: Where an application keeps its limits.
RATE_LIMITS = "meishi_rate_limits"

#: As fine as the host's clock is.
_MICROSECONDS = 1_000_000


class RateLimited(DomainError):
    """Somebody has asked more often than they may."""

    code = "rate-limited"
    title = "Too many requests"
    status = 429


class RateLimits:
    """Counts requests, and refuses those that are too many.

    In memory every web process has its share of each limit; in the database they share one count.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        settings = host.settings
        in_memory = settings.rate_limit_store is RateLimitStore.MEMORY
        self._buckets: Buckets = MemoryBuckets() if in_memory else StoredBuckets(host)
        shares = settings.workers if in_memory else 1
        self._token, self._workspace, self._address, self._sender = _quotas(settings, shares)
        self._policy = ", ".join(
            f'"{quota.name}";q={quota.per_minute};w=60'
            for quota in (self._token, self._workspace)
            if quota is not None
        )

    def charge_caller(self, token_id: UUID, workspace_id: UUID) -> None:
        """Count a request of a token; raise `RateLimited` if it, or its workspace, has no more.

        Whoever has used up the own limit takes nothing more from those in the same workspace.
        """
        if not self._policy:
            return
        now = self._now()
        said = ""
        for quota, holder in ((self._token, token_id), (self._workspace, workspace_id)):
            if quota is None:
                continue
            found = self._buckets.take(f"{quota.name}:{holder.hex}", quota, now)
            remaining, full_in, wait = found
            # Whole seconds, rounded up.
            left = f'"{quota.name}";r={remaining};t={-(-(wait or full_in) // SECOND)}'
            said = f"{said}, {left}" if said else left
            if wait:
                add_headers(("RateLimit-Policy", self._policy), ("RateLimit", said))
                _refuse(quota, found)
        add_headers(("RateLimit-Policy", self._policy), ("RateLimit", said))

    def charge_stranger(self) -> None:
        """Count a request of nobody whom we know; raise `RateLimited` if its address has no more.

        Requests with a token that is valid are not counted, nor refused, by their address.
        """
        self._charge_address(self._address)

    def charge_form(self) -> None:
        """Count a form that a stranger sends to a public page; raise `RateLimited` as above."""
        self._charge_address(self._sender)

    def _charge_address(self, quota: Quota | None) -> None:
        if quota is None:
            return
        address = client_address(request.environ, self._host.settings.trusted_proxies)
        found = self._buckets.take(f"{quota.name}:{address}", quota, self._now())
        if found.wait:
            _refuse(quota, found)

    def _now(self) -> int:
        return int(self._host.clock().timestamp() * _MICROSECONDS) * 1000


def install_rate_limits(app: Flask, host: Host) -> None:
    """Give an application its limits."""
    app.extensions[RATE_LIMITS] = RateLimits(host)


def rate_limits() -> RateLimits:
    """Return the limits of the current application."""
    found: RateLimits = current_app.extensions[RATE_LIMITS]
    return found


def _quotas(settings: Settings, shares: int) -> tuple[Quota | None, ...]:
    """Return the quotas of a token, a workspace, an address and its forms; None for no limit."""
    workspace, address, forms = (
        settings.rate_limit_workspace_per_minute,
        settings.rate_limit_address_per_minute,
        settings.rate_limit_forms_per_minute,
    )
    return (
        _quota("token", settings.rate_limit_per_minute, settings.rate_limit_burst, shares),
        _quota("workspace", workspace, workspace, shares),
        _quota("address", address, address, shares),
        _quota("sender", forms, forms, shares),
    )


def _quota(name: str, per_minute: int, burst: int, shares: int) -> Quota | None:
    if not per_minute:
        return None
    return Quota(name=name, per_minute=per_minute, burst=burst, shares=shares)


def _refuse(quota: Quota, found: Level) -> None:
    seconds = -(-found.wait // SECOND)
    add_headers(("Retry-After", str(seconds)))
    raise RateLimited(
        f"This {quota.name} may make {quota.per_minute} requests per minute; "
        f"try again in {seconds} s."
    )

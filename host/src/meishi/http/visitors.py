"""Visitors, told apart for a day without keeping who they are."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from hashlib import sha256

from flask import has_request_context, request

from meishi.context import current_scope
from meishi.http.limits.addresses import client_address
from meishi.visitor import current_visitor

_PURPOSE = "visitors"
#: Octets of what is told: enough that no two visitors of a day are taken for one.
_OCTETS = 16
_LONGEST_AGENT = 512


def visitor_address() -> str:
    """Return the address that the visitor of this request comes from, of IPv6 the line's network.

    Where the request comes from the main deployment, that has said whose it is.
    """
    visitor = current_visitor()
    if visitor is not None:
        return visitor.address
    return client_address(request.environ, current_scope().host.trusted_proxies)


def visitor_of_today() -> str | None:
    """Return by what the visitor of this request is known again, until the day ends (UTC).

    It is an HMAC of the address and the program, under a key that is another one each day and in
    each workspace: days and workspaces cannot be joined by it. None where nothing is requested.
    """
    if not has_request_context():
        return None
    scope = current_scope()
    host = scope.host
    period = f"{host.clock().date().isoformat()} {scope.workspace_id or ''}"
    key = host.signer.digest(_PURPOSE, period.encode())
    address = visitor_address()
    agent = request.headers.get("User-Agent", "")[:_LONGEST_AGENT]
    told = hmac.digest(key, f"{address}\0{agent}".encode(errors="replace"), sha256)[:_OCTETS]
    return urlsafe_b64encode(told).rstrip(b"=").decode()

"""What a browser tells of itself, for the list of one's sessions."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

from meishi.http.visitors import visitor_address


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """The program, in its own words, and the address that it comes from."""

    user_agent: str
    address: str


def browser() -> Browser:
    """Return what is known of the browser of the current request."""
    return Browser(
        user_agent=request.headers.get("User-Agent", ""),
        address=visitor_address(),
    )

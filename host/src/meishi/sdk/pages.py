"""What a plugin's `pages.py` needs: rendering, forms' answers, and leading the browser on."""

from __future__ import annotations

from datetime import datetime

from meishi.context import current_scope
from meishi.http.cookies import (
    forget_referral,
    forget_session,
    keep_referral,
    keep_session,
    kept_referral,
)
from meishi.web.browser import Browser, browser
from meishi.web.lists import next_page_url, page_query
from meishi.web.redirects import HOME, SIGN_IN, own_path, redirect
from meishi.web.rendering import is_fragment, render
from meishi.web.toasts import ToastKind, toast

__all__ = [
    "HOME",
    "SIGN_IN",
    "Browser",
    "ToastKind",
    "browser",
    "forget_referral",
    "forget_session",
    "is_fragment",
    "keep_referral",
    "keep_session",
    "kept_referral",
    "next_page_url",
    "now",
    "own_path",
    "page_query",
    "redirect",
    "render",
    "toast",
]


def now() -> datetime:
    """Return the time, in UTC."""
    return current_scope().host.clock()

"""Toasts: short words about what was just done, shown by the page that comes next."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from urllib.parse import quote, unquote

import msgspec
from flask import Response, current_app, g

from meishi.http.cookies import TOAST_COOKIE, cookie, forget_cookie, set_cookie
from meishi.reader import current_reader
from meishi.remote.wire import TOASTS
from meishi.signing import ForgedText, Signer

_PURPOSE = "toasts"
#: Seconds in which the next page is expected.
_LIFETIME = 60
_MOST = 5


class ToastKind(StrEnum):
    """How a toast looks."""

    SUCCESS = "success"
    WARNING = "warning"
    DANGER = "danger"


class Toast(msgspec.Struct, frozen=True, array_like=True):
    """One short sentence."""

    kind: ToastKind
    text: str


def toast(text: str, kind: ToastKind = ToastKind.SUCCESS) -> None:
    """Say a short sentence on this page, or on the one that this request leads to."""
    _waiting().append(Toast(kind, text))


def take_toasts() -> Sequence[Toast]:
    """Return what is to be said now; it is not said again."""
    found = [*_kept(), *_waiting()]
    _waiting().clear()
    g.meishi_toasts_taken = True
    return found[-_MOST:]


def keep_toasts(response: Response) -> None:
    """Keep in the browser what was not said yet, and nothing that was."""
    waiting = _waiting()
    if current_reader() is not None:
        response.headers[TOASTS] = quote(msgspec.json.encode(waiting[-_MOST:]))
    elif waiting:
        content = msgspec.json.encode(waiting[-_MOST:])
        set_cookie(response, TOAST_COOKIE, _signer().sign(_PURPOSE, content), seconds=_LIFETIME)
    elif g.get("meishi_toasts_taken") and cookie(TOAST_COOKIE):
        forget_cookie(response, TOAST_COOKIE)


def toasts_of(header: str) -> list[Toast]:
    """Return what a page says that another process has made."""
    try:
        return msgspec.json.decode(unquote(header), type=list[Toast])
    except msgspec.MsgspecError:
        return []


def _waiting() -> list[Toast]:
    found: list[Toast] = g.setdefault("meishi_toasts", [])
    return found


def _kept() -> list[Toast]:
    written = cookie(TOAST_COOKIE)
    if written is None:
        return []
    try:
        return msgspec.json.decode(_signer().read(_PURPOSE, written), type=list[Toast])
    except (ForgedText, msgspec.DecodeError):
        return []


def _signer() -> Signer:
    signer: Signer = current_app.extensions["meishi"].signer
    return signer

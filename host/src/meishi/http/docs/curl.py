"""Requests as lines of a shell."""

from __future__ import annotations

import mimetypes
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

#: The variables that the page tells its readers to set.
BASE = "$BASE"
TOKEN = "$TOKEN"  # noqa: S105 (a variable's name)

#: Methods that curl has a way of its own to ask for.
_METHODS = {"GET": "", "HEAD": " --head"}
_PARAMETER = re.compile(r"\{([^{}]*)\}")
_TEXTUAL = re.compile(r"text/|.*[/+](json|xml)$")


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON or built on it."""
    return re.fullmatch(r"application/(.+\+)?json", media_type.partition(";")[0]) is not None


def curl(
    method: str,
    path: str,
    *,
    token: bool,
    query: Mapping[str, Any],
    headers: Mapping[str, Any],
    body: tuple[str, Any] | None,
    answer: str,
) -> str:
    """Return a command that sends a request.

    `body` is a media type with an example, `answer` the media type that comes back. What the
    reader has to fill in stands as a variable: `$CONTACT_ID`.
    """
    lines = [f'curl{_METHODS.get(method, f" -X {method}")} "{_address(path, query)}"']
    if token:
        lines.append(f'-H "Authorization: Bearer {TOKEN}"')
    lines.extend(f"-H {shlex.quote(f'{name}: {_plain(value)}')}" for name, value in headers.items())
    if body is not None:
        lines.extend(_body(*body))
    if answer and not _TEXTUAL.match(answer):
        lines.append(f"--output answer{mimetypes.guess_extension(answer) or ''}")
    return " \\\n  ".join(lines)


def _address(path: str, query: Mapping[str, Any]) -> str:
    steps = (
        "$" + re.sub(r"\W", "_", part).upper() if position % 2 else quote(part, safe="/:@,;=~")
        for position, part in enumerate(_PARAMETER.split(path))
    )
    asked = f"?{urlencode(query, doseq=True)}" if query else ""
    return f"{BASE}{''.join(steps)}{asked}"


def _body(media_type: str, example: Any) -> Iterator[str]:
    if media_type.startswith("multipart/form-data") and isinstance(example, dict):
        for name, value in example.items():
            yield f"-F {shlex.quote(f'{name}={_plain(value)}')}"
        return
    yield f"-H {shlex.quote(f'Content-Type: {media_type}')}"
    if is_json(media_type):
        yield f"-d {shlex.quote(msgspec.json.encode(example).decode())}"
    elif media_type == "application/x-www-form-urlencoded" and isinstance(example, dict):
        for name, value in example.items():
            yield f"--data-urlencode {shlex.quote(f'{name}={_plain(value)}')}"
    else:
        yield f"--data-binary @file{mimetypes.guess_extension(media_type) or ''}"


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()

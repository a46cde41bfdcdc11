"""Markup made of other people's text: all of it escaped, a little of it set off."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

_CODE = re.compile(r"`([^`\n]+)`")
_ARGUMENT = re.compile(r"(\{[^{}]*\})")
_JSON_TOKEN = re.compile(
    r'(?P<text>"(?:\\.|[^"\\])*")(?P<key>\s*:)?|\b(?P<word>true|false|null)\b|(?P<number>-?\d[\d.eE+-]*)'
)


def prose(text: str) -> Markup:
    """Return text as paragraphs; an empty line parts them, and `backticks` mark code."""
    blocks = (block.strip() for block in re.split(r"\n\s*\n", text))
    return Markup("").join(Markup("<p>{}</p>").format(inline(block)) for block in blocks if block)


def inline(text: str) -> Markup:
    """Return text with its `backticks` as code."""
    parts = _CODE.split(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if position % 2 else escape(part)
        for position, part in enumerate(parts)
    )


def path_markup(path: str) -> Markup:
    """Return a path with its parameters set off, breakable before each step."""
    parts = _ARGUMENT.split(path)
    return Markup("").join(
        Markup('<span class="argument">{}</span>').format(part)
        if position % 2
        else Markup("<wbr>/").join(part.split("/"))
        for position, part in enumerate(parts)
    )


def json_markup(text: str) -> Markup:
    """Return a JSON text with its names, strings and other values told apart."""
    made, end = Markup(""), 0
    for token in _JSON_TOKEN.finditer(text):
        made += escape(text[end : token.start()])
        end = token.end()
        if token["key"] is not None:
            made += Markup('<span class="k">{}</span>{}').format(token["text"], token["key"])
        else:
            kind = "s" if token["text"] else "n"
            made += Markup('<span class="{}">{}</span>').format(kind, token[0])
    return made + escape(text[end:])

"""What a model answered: quotes for the parts that were wanted, whatever else it said."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any

from crm_enrichment.language_model.question import LONGEST_QUOTE, MOST_VALUES, SEVERAL
from crm_enrichment.signatures import Part


class UnusableAnswer(Exception):
    """An endpoint answered what is no answer to the question."""


def quotes_in(answer: bytes, wanted: Collection[Part]) -> list[tuple[Part, str]]:
    """Return what a model quotes for the parts that are wanted.

    Fields that nobody asked for, and values that are no quotes, are left out.

    :raises UnusableAnswer: if there is no JSON object where the answer should be
    """
    content = _content(answer)
    found = _parsed(content.encode("utf-8", "surrogatepass"))
    if not isinstance(found, dict):
        raise UnusableAnswer("The model answered no JSON object.")
    return [
        (part, quote)
        for part in Part
        if part in wanted
        for quote in _quotes(part, found.get(part.value))
    ]


def _content(answer: bytes) -> str:
    """Return what the model wrote, out of what the server says of it."""
    try:
        choice = _parsed(answer)["choices"][0]
        content, reason = choice["message"]["content"], choice.get("finish_reason")
    except (LookupError, TypeError, AttributeError) as error:
        raise UnusableAnswer("The endpoint answered no chat completion.") from error
    if reason == "length":
        raise UnusableAnswer("The answer ended early: `model_max_tokens` is too small for it.")
    if not isinstance(content, str):
        raise UnusableAnswer("The model answered no text.")
    return content


def _parsed(document: bytes) -> Any:
    try:
        return json.loads(document)
    except (ValueError, RecursionError) as error:
        raise UnusableAnswer("The endpoint answered no JSON.") from error


def _quotes(part: Part, value: object) -> Iterator[str]:
    values = value[:MOST_VALUES] if part in SEVERAL and isinstance(value, list) else [value]
    for quote in values:
        if isinstance(quote, str) and 0 < len(quote.strip()) <= LONGEST_QUOTE:
            yield quote.strip()

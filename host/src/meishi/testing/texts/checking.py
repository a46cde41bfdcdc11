"""Checking: a catalogue has every text of its package, translated, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from babel.messages.catalog import Message

from meishi.testing.texts.updating import TRANSLATED, Source

_PLACE = re.compile(r"%\(\w+\)s")


def catalogue_faults(source: Source) -> list[str]:
    """Return what is wrong with a package's catalogues, one line each."""
    texts = {message.id for message in source.texts() if message.id}
    return [
        f"{source.catalogue(language)}: {fault}; run `make texts`, and translate"
        for language in TRANSLATED
        for fault in _faults(source, language, texts)
    ]


def _faults(
    source: Source, language: str, texts: AbstractSet[str | list[str] | tuple[str, ...]]
) -> Iterator[str]:
    written = {message.id: message for message in source.translated(language) if message.id}
    yield from (f"{text!r} is missing" for text in texts - written.keys())
    yield from (f"{text!r} is shown nowhere" for text in written.keys() - texts)
    for text in texts & written.keys():
        message = written[text]
        if message.fuzzy or not all(_strings(message.string)):
            yield f"{text!r} is not translated"
        elif any(_places(message, said) for said in _strings(message.string)):
            yield f"{text!r} has other places for values than its translation"


def _places(message: Message, said: str) -> bool:
    wanted = {place for text in _strings(message.id) for place in _PLACE.findall(text)}
    return set(_PLACE.findall(said)) != wanted


def _strings(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ("",))

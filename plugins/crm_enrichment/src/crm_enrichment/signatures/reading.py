"""Reading a signature: channels first, then addresses, then who it is in what is left."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from crm_enrichment.signatures.addresses import addresses_in
from crm_enrichment.signatures.domains import names_in
from crm_enrichment.signatures.extent import signature_lines
from crm_enrichment.signatures.forms import is_labelled, stated
from crm_enrichment.signatures.japanese import is_japanese, japanese_roles_in
from crm_enrichment.signatures.lines import Piece, comma_pieces, segments_of, without
from crm_enrichment.signatures.passage import Part, Passage
from crm_enrichment.signatures.phones import number_spans, phones_in
from crm_enrichment.signatures.roles import Known, roles_in
from crm_enrichment.signatures.web import emails_in, links_in

#: Characters that are read of a text, and lines of a signature.
LONGEST_TEXT, MOST_LINES = 16 * 1024, 60

_LABEL_OF_WEB = re.compile(
    r"(?:(?<=^)|(?<=[\s|·•;,/]))(?:[\w .-]{1,24}[:：]|e-?mail|mail|web(?:site)?|internet|e|w"
    r"|courriel|correo"
    r"|メール)\s*[<(\[]?\s*$",
    re.IGNORECASE,
)
_MOST_WORDS = 12


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of which channels were read: what they were, and what is left."""

    channels: Sequence[Passage]
    segments: Sequence[Piece]


def read_signature(text: str, region: str | None = None) -> tuple[Passage, ...]:
    """Return what a text says of whom it is of, in the order of the text.

    Passages stand for themselves: `text[start:end]` is what was read. `region` (ISO 3166) is that
    of phone numbers without a country code. What is not sure enough is left out.
    """
    lines = [_read(line, region) for line in signature_lines(text[:LONGEST_TEXT])[:MOST_LINES]]
    channels = _distinct([item for line in lines for item in line.channels])
    pieces, places = _comma_pieces(lines)
    addresses = list(addresses_in(pieces, places))
    segments = [
        segment
        for line in lines
        for segment in line.segments
        for segment in _outside(segment, addresses)
    ]
    found = [*channels, *addresses[:1], *_people(segments, channels)]
    return tuple(sorted(found, key=lambda item: (item.start, item.end)))


def _read(line: Piece, region: str | None) -> _Line:
    web = [*emails_in(line)]
    masked = _masked(line, [(item.start, item.end) for item in web])
    web += links_in(masked)
    masked = _masked(line, [_with_label(line, item) for item in web])
    phones = list(phones_in(masked, region))
    numbers = [(line.start + start, line.start + end) for start, end in number_spans(masked)]
    return _Line([*web, *phones], list(segments_of(_masked(masked, numbers))))


def _masked(line: Piece, spans: Sequence[tuple[int, int]]) -> Piece:
    inside = [(start - line.start, end - line.start) for start, end in spans]
    return Piece(without(line.text, inside), line.start, line.end)


def _with_label(line: Piece, item: Passage) -> tuple[int, int]:
    label = _LABEL_OF_WEB.search(line.text[: item.start - line.start])
    return (line.start + label.start() if label else item.start), item.end


def _comma_pieces(lines: Sequence[_Line]) -> tuple[list[Piece], list[int]]:
    """Return all pieces, and on which line each stands."""
    pieces, places = [], []
    for number, line in enumerate(lines):
        for segment in line.segments:
            for piece in () if is_labelled(segment) else comma_pieces(segment):
                pieces.append(piece)
                places.append(number)
    return pieces, places


def _outside(segment: Piece, addresses: Sequence[Passage]) -> Iterator[Piece]:
    """Yield what of a segment does not belong to an address."""
    outside = [
        piece
        for piece in comma_pieces(segment)
        if not any(item.start <= piece.start and piece.end <= item.end for item in addresses)
    ]
    if outside:
        start, end = outside[0].start, outside[-1].end
        yield Piece(segment.text[start - segment.start : end - segment.start], start, end)


def _people(segments: Sequence[Piece], channels: Sequence[Passage]) -> Iterator[Passage]:
    said = {item.part: item for segment in segments if (item := stated(segment))}
    others = [
        segment
        for segment in segments
        if not is_labelled(segment) and len(segment.text.split()) <= _MOST_WORDS
    ]
    foreign = [segment for segment in others if is_japanese(segment.text)]
    if foreign:
        found = list(japanese_roles_in(foreign))
    else:
        emails = [item.value for item in channels if item.part is Part.EMAIL]
        found = list(roles_in(others, Known(emails, names_in(_hosts(channels)))))
    yield from said.values()
    yield from (item for item in found if item.part not in said)


def _hosts(channels: Sequence[Passage]) -> Iterator[str]:
    for item in channels:
        if item.part is Part.EMAIL:
            yield item.value.rpartition("@")[2]
        elif item.part is Part.LINK:
            try:
                yield urlsplit(item.value).hostname or ""
            except ValueError:
                continue


def _distinct(channels: Sequence[Passage]) -> list[Passage]:
    """Return each value once, where it stands first."""
    first: dict[tuple[Part, str], Passage] = {}
    for item in channels:
        same = re.sub(r"\W", "", item.value) if item.part is Part.PHONE else item.value
        first.setdefault((item.part, same), item)
    return list(first.values())

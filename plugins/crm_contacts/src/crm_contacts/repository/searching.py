"""Searching contacts: what the definer function of revision 0021 takes."""

from __future__ import annotations

from collections.abc import Sequence

from crm_contacts.words import SearchTerm

#: Ids and ranks of the best thousand matches; 0 is the best rank. They come in its order: so a
#: page looks up no more of them than it shows.
MATCHES = (
    "(SELECT * FROM crm_contacts.search_contacts("
    "%(terms)s::text[], %(ends)s::text[], %(parts)s::text[]) m (contact_id, rank)"
    " ORDER BY rank, contact_id) s"
)

_LAST = chr(0x10FFFF)
_SURROGATES = range(0xD800, 0xE000)


def match_values(terms: Sequence[SearchTerm]) -> dict[str, object]:
    """Return the parameters of `MATCHES`."""
    words = [term.word for term in terms]
    return {
        "terms": words,
        "ends": [prefix_end(word) or _LAST for word in words],
        "parts": [term.part for term in terms],
    }


def prefix_end(prefix: str) -> str | None:
    """Return the first text behind those with a prefix, by code points; None if none is.

    Nothing follows the last code point, so the one before it is raised in its place.
    """
    kept = prefix.rstrip(_LAST)
    if not kept:
        return None
    following = ord(kept[-1]) + 1
    if following in _SURROGATES:
        following = _SURROGATES.stop
    return kept[:-1] + chr(following)

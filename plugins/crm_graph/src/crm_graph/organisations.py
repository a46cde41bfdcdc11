"""Names of organisations, such that equal ones mean the same."""

from __future__ import annotations

import re
import unicodedata

#: Characters of a key, as an entry of an index has no room for more.
MAX_KEY = 200

_LEGAL_FORMS = frozenset(
    "ab ag aps as asa bv co company corp corporation eg ev gbr gmbh inc incorporated kg kgaa kk"
    " limited llc llp ltd nv ohg oy oyj plc pte pty sa sarl sas se sl spa srl ug".split()
)
_WORD = re.compile(r"[^\W_]+")
_DOTTED = re.compile(r"\b(?:\w\.){2,}")


def organisation_key(name: str | None) -> str | None:
    """Return a name without case, accents, punctuation and legal form; None if nothing is left."""
    folded = unicodedata.normalize("NFKD", (name or "").casefold())
    plain = "".join(letter for letter in folded if not unicodedata.combining(letter))
    joined = _DOTTED.sub(lambda found: found[0].replace(".", "") + " ", plain)
    words = _WORD.findall(joined)
    while len(words) > 1 and words[-1] in _LEGAL_FORMS:
        words.pop()
    return " ".join(words)[:MAX_KEY].strip() or None

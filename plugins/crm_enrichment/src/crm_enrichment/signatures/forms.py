"""Lines that say themselves what they hold: `Name: ...`, `Position: ...`."""

from __future__ import annotations

import re

from crm_enrichment.signatures.lines import Piece, trimmed
from crm_enrichment.signatures.passage import Part, Passage
from crm_enrichment.signatures.roles import passage_of

_LINE = re.compile(r"([^:：]{1,40})[:：]\s*(\S.*)")
_KEYS = {
    Part.NAME: "name nom nombre nome naam namn navn 氏名 名前 from von",
    Part.TITLE: "title position role funktion titel fonction poste cargo puesto ruolo functie 役職",
    Part.ORGANISATION: "company organisation organization firma unternehmen société entreprise "
    "empresa azienda bedrijf employer 会社名",
    Part.DEPARTMENT: "department abteilung service departamento dipartimento afdeling 部署",
}
_MEANINGS = {key: part for part, keys in _KEYS.items() for key in keys.split()}
_STATED = 0.95


def stated(segment: Piece) -> Passage | None:
    """Return what a segment says of itself, if it does."""
    found = _LINE.fullmatch(segment.text)
    part = _MEANINGS.get(found[1].strip().casefold()) if found else None
    if found is None or part is None:
        return None
    value = trimmed(segment.text, found.start(2), len(segment.text))
    piece = Piece(value.text, segment.start + value.start, segment.start + value.end)
    return passage_of(part, piece, _STATED)


def is_labelled(segment: Piece) -> bool:
    """Whether a segment tells something about a thing that it names itself."""
    return _LINE.fullmatch(segment.text) is not None

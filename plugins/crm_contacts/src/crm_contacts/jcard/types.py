"""What values of properties are in jCard: their types, and how their texts are made up."""

from __future__ import annotations

#: Types of values by property where no VALUE says another one (RFC 6350, 6473, 6474, 6715, 9554).
_DEFAULTS = {
    "text": (
        *("FN", "N", "NICKNAME", "GENDER", "ADR", "TEL", "EMAIL", "TZ", "TITLE", "ROLE", "ORG"),
        *("CATEGORIES", "NOTE", "PRODID", "KIND", "CLIENTPIDMAP", "XML", "LABEL", "MAILER"),
        *("BIRTHPLACE", "DEATHPLACE", "EXPERTISE", "HOBBY", "INTEREST", "PRONOUNS", "GRAMGENDER"),
        *("JSPROP", "CLASS", "NAME", "PROFILE", "SORT-STRING", "X-ABLABEL"),
    ),
    "uri": (
        *("SOURCE", "PHOTO", "IMPP", "GEO", "LOGO", "MEMBER", "RELATED", "SOUND", "UID", "URL"),
        *("KEY", "FBURL", "CALADRURI", "CALURI", "ORG-DIRECTORY", "CONTACT-URI", "SOCIALPROFILE"),
    ),
    "date-and-or-time": ("BDAY", "ANNIVERSARY", "DEATHDATE"),
    "timestamp": ("REV", "CREATED"),
    "language-tag": ("LANG", "LANGUAGE"),
}
DEFAULT_TYPES = {name: kind for kind, names in _DEFAULTS.items() for name in names}

#: What a property is that nobody knows: its value stands as it does in a vCard (RFC 7095, 5).
UNKNOWN = "unknown"

#: Types whose values are one text in which no escape stands.
URI = "uri"
DATES = frozenset({"date", "time", "date-time", "date-and-or-time", "timestamp"})

#: Properties whose values are parts between semicolons, and those that are lists.
STRUCTURED = frozenset({"N", "ADR", "ORG", "GENDER", "CLIENTPIDMAP"})
LISTS = frozenset({"NICKNAME", "CATEGORIES"})


def default_type(name: str) -> str:
    """Return the type of a property of which no VALUE says it."""
    return DEFAULT_TYPES.get(name, UNKNOWN)

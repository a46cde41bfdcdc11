"""Cards in jCard (RFC 7095): vCard 4.0 as JSON, without loss in either direction."""

from __future__ import annotations

from crm_contacts.jcard.cards import is_jcard, read_jcard, write_jcard
from crm_contacts.jcard.dates import extended_date
from crm_contacts.jcard.properties import (
    LINE,
    Params,
    jcard_property,
    parameters_of,
    params_of,
    property_of,
)

__all__ = [
    "LINE",
    "Params",
    "extended_date",
    "is_jcard",
    "jcard_property",
    "parameters_of",
    "params_of",
    "property_of",
    "read_jcard",
    "write_jcard",
]

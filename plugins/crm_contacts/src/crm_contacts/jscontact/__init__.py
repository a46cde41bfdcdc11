"""Cards in JSContact (RFC 9553), converted from and to vCard by RFC 9555 without loss."""

from __future__ import annotations

from crm_contacts.jscontact.reading import is_jscontact, read_jscontact
from crm_contacts.jscontact.writing import write_jscontact

__all__ = ["is_jscontact", "read_jscontact", "write_jscontact"]

"""Names of any length beside as many readers as a contact may have: all of it is in indexes."""

from __future__ import annotations

import random

import psycopg
import pytest

from meishi.testing.types import Location

from .conftest import ContactsClient

#: Those whom a contact is shared with, and its owner.
READERS = 101
SHARE = """
    UPDATE crm_contacts.contact
    SET readers = ARRAY(SELECT gen_random_uuid() FROM generate_series(1, %s)) WHERE id = %s
"""


def text(chance: random.Random, first: int, last: int) -> str:
    """Return a long text that no index can compress."""
    return "".join(chr(chance.randint(first, last)) for _ in range(300))


@pytest.mark.parametrize(("first", "last"), [(0x61, 0x7A), (0x430, 0x44F), (0x4E00, 0x9FA5)])
def test_a_contact_with_long_names_is_shared_with_many(
    contacts: ContactsClient, plugin_database: Location, first: int, last: int
) -> None:
    """Whatever script they are in, they leave room for readers, and the names are found."""
    chance = random.Random(7)
    names = {part: text(chance, first, last) for part in ("full", "given", "family")}
    fields = {field: text(chance, first, last) for field in ("organisation", "title")}
    made = contacts.create({"name": names, **fields})
    assert contacts.page(**{"filter[name][eq]": names["full"]})["items"][0]["id"] == made["id"]
    for size in (10, 200):
        beginning = {"filter[organisation][prefix]": fields["organisation"][:size]}
        assert contacts.page(**beginning)["items"][0]["id"] == made["id"]
    assert plugin_database.admin_url is not None
    with psycopg.connect(plugin_database.admin_url) as connection:
        assert connection.execute(SHARE, [READERS, made["id"]]).rowcount == 1

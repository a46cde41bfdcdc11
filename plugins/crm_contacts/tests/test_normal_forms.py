"""Forms of values that anybody may type, of any length that is taken."""

from __future__ import annotations

import pytest

from crm_contacts.contract import Phone
from crm_contacts.normal_forms import MAX_NAME_OCTETS, name_key, phone_parts

pytestmark = pytest.mark.no_calls


@pytest.mark.parametrize(
    ("number", "parts"),
    [
        ("+46 (70) 123,,45;6", ("+4670123", ",,45;6")),
        ("030 1234 pp 5 w 67", ("0301234", ",,5;67")),
        ("030 1234 ext. 56", ("0301234", "x56")),
        ("1" + 500 * "x", ("1", 500 * "x")),
        ("1" + 500 * "x" + "a", ("1" + 500 * "x" + "a", "")),
        ("1" + 200 * ",;pw2" + "?a", ("1" + 200 * ",;pw2" + "a", "")),
    ],
)
def test_numbers_are_taken_apart_however_many_pauses_they_have(
    number: str, parts: tuple[str, str]
) -> None:
    """What is dialled first, and what behind pauses; what is no number stays as it is."""
    assert phone_parts(Phone(number=number)) == parts


@pytest.mark.parametrize("name", ["Ж" * 250, "a" * 129 + "文" * 121, "𠀀" * 250, "a" + "é文" * 120])
def test_beginnings_of_names_are_those_of_their_keys(name: str) -> None:
    """However long a name is, and wherever its key is cut, it is found by each beginning."""
    key = name_key(name)
    assert 400 < len(key.encode()) <= MAX_NAME_OCTETS
    assert all(key.startswith(name_key(name[:size])) for size in range(1, len(name)))

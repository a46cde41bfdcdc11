"""Cells that spreadsheets show as text, and their way back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_contacts.csv_cells import meant, safe

TEXTS = st.text(st.sampled_from("a1'=+-@;\t\n\r ,(!|\"\uff1d"), max_size=12)


@given(TEXTS)
def test_what_was_written_comes_back(text: str) -> None:
    """Whatever apostrophes are in it already."""
    assert meant(safe(text)) == text


@given(TEXTS, st.sampled_from(";\t\r\n"))
def test_no_part_of_a_cell_is_a_formula(text: str, separator: str) -> None:
    """Also if a program cuts cells where the table has none."""
    for part in safe(text).split(separator)[1:]:
        assert not part.startswith(("=", "@", "\uff1d"))


@pytest.mark.parametrize("part", [";=", ";-", "\n+(", ";'"])
def test_long_cells_take_no_longer_than_they_are_long(part: str) -> None:
    """The work grows with the text alone: no count of separators makes it go back."""
    text = part * 50_000
    assert meant(safe(text)) == text

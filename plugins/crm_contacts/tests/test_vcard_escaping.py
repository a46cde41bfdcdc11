from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_contacts.vcard import escape, split_fields, split_items, unescape

pytestmark = pytest.mark.no_calls


def test_structured_values_split_at_unescaped_separators() -> None:
    """Escaped separators and backslashes are text, unknown escapes stay as written."""
    assert split_fields("a\\;b;c\\\\;;d\\,e") == ["a;b", "c\\", "", "d,e"]
    assert split_items("a\\,b,c;d,") == ["a,b", "c;d", ""]
    assert unescape("http\\://x\\n\\N\\q\\") == "http://x\n\n\\q\\"


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"))


@given(TEXT)
def test_escaped_text_comes_back(text: str) -> None:
    """Escaping is undone by reading, as a whole and as one field among others."""
    assert unescape(escape(text)) == text
    assert split_fields(f"x;{escape(text)};y") == ["x", text, "y"]
    assert split_items(f"x,{escape(text)},y") == ["x", text, "y"]

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meishi.host import Host
from meishi.signing import KEY_BYTES, ForgedText, Signer

MINE, OTHER = Signer(b"m" * KEY_BYTES), Signer(b"o" * KEY_BYTES)


@given(st.binary(max_size=200))
def test_what_was_signed_is_read(content: bytes) -> None:
    """Any content comes back whole, from text that may stand in an address."""
    text = MINE.sign("cursor", content)
    assert text.replace("-", "a").replace("_", "a").isalnum()
    assert MINE.read("cursor", text) == content


@given(st.binary(max_size=200), st.data())
def test_no_character_can_be_changed(content: bytes, data: st.DataObject) -> None:
    """A text that differs in any character from what was signed is refused."""
    text = MINE.sign("cursor", content)
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from("aZ9-_=é\n"))
    forged = f"{text[:place]}{other}{text[place + 1 :]}"
    if forged != text:
        with pytest.raises(ForgedText):
            MINE.read("cursor", forged)


@pytest.mark.parametrize("text", ["", "a", "=", "AAAA", "\0", "é", "a" * 10_000])
def test_what_is_no_signed_text_is_refused(text: str) -> None:
    """Whatever callers send is read as nothing, and breaks nothing."""
    with pytest.raises(ForgedText):
        MINE.read("cursor", text)


def test_a_text_is_good_for_its_purpose_and_deployment_only() -> None:
    """Another purpose, or another deployment's key, makes it a forged one."""
    text = MINE.sign("cursor", b"x")
    for signer, purpose in ((MINE, "cursors"), (OTHER, "cursor")):
        with pytest.raises(ForgedText):
            signer.read(purpose, text)


def test_a_deployment_keeps_its_key(host: Host) -> None:
    """Every process of it reads what another one has signed."""
    text = host.signer.sign("cursor", b"x")
    del host.__dict__["signer"]
    assert host.signer.read("cursor", text) == b"x"

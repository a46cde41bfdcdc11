"""What a letter may say, and the message that it becomes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from meishi.letters.checking import LARGEST_TEXT, checked_letter
from meishi.letters.errors import InvalidMail
from meishi.letters.letter import Letter, compose

from .conftest import read, text_of

FROM = "Käthe's cards <cards@example.org>"
AT = datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)


def letter(**fields: Any) -> Letter:
    """Return a checked letter."""
    given = {"to": "ada@example.com", "name": "Ada", "subject": "Hello", "text": "Come in.\n"}
    return checked_letter(**{"message_id": "<1@x>", "html": None, "at": AT, **given, **fields})


def test_a_message_says_what_the_letter_does() -> None:
    """Whatever the language: headers, text and HTML come back as they were given."""
    made = letter(name="Åsa Öberg, Ph.D.", subject="Grüße 名刺", text="Zeile\n\n.\nFrom 名\n",
                  html="<p>名刺</p>\n")  # fmt: skip
    message = read(compose(made, FROM))
    assert message["From"].addresses[0].display_name == "Käthe's cards"
    assert message["From"].addresses[0].addr_spec == "cards@example.org"
    assert message["To"].addresses[0].display_name == "Åsa Öberg, Ph.D."
    assert message["To"].addresses[0].addr_spec == "ada@example.com"
    assert message["Subject"] == "Grüße 名刺"
    assert (message["Message-ID"], message["Date"].datetime) == ("<1@x>", AT)
    plain, html = message.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert text_of(plain) == "Zeile\n\n.\nFrom 名\n"
    assert text_of(html) == "<p>名刺</p>\n"


@pytest.mark.parametrize("text", ["a\nb\n", "a\r\nb\r\n", "a\rb\r"])
def test_lines_end_as_the_standard_wants(text: str) -> None:
    """However they ended before, and in headers too; none is longer than servers take."""
    message = compose(letter(text=text, subject="名" * 190), FROM)
    assert message.endswith(b"\r\n\r\na\r\nb\r\n")
    assert message.count(b"\n") == message.count(b"\r\n") == message.count(b"\r")
    assert message.isascii()
    assert max(map(len, message.splitlines())) <= 998


@pytest.mark.parametrize("field", ["to", "name", "subject"])
@pytest.mark.parametrize("between", ["\r\n", "\n", "\r", "\0", "\x0b", "\x85", "\u2028", "\u2029"])
def test_nothing_becomes_a_header(field: str, between: str) -> None:
    """What would end a line is refused, by a declared error."""
    with pytest.raises(InvalidMail):
        letter(**{field: f"ada@example.com{between}Bcc: eve@example.net"})


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"to": "ada"}, "not an email address"),
        ({"to": "ada@example.com, eve@example.com"}, "not an email address"),
        ({"to": "Ada <ada@example.com>"}, "not an email address"),
        ({"subject": " "}, "needs a subject"),
        ({"subject": "x" * 201}, "at most 200 characters"),
        ({"name": "\ud800"}, "one line without control characters"),
        ({"text": "a\0b"}, "cannot be sent"),
        ({"text": "\ud800"}, "cannot be sent"),
        ({"html": "x" * (LARGEST_TEXT + 1)}, "HTML of a mail has at most"),
    ],
)
def test_what_cannot_be_sent_is_refused(fields: dict[str, str], said: str) -> None:
    """With a reason that whoever asked for the mail understands."""
    with pytest.raises(InvalidMail, match=said):
        letter(**fields)


def test_an_international_domain_is_written_in_ascii() -> None:
    """Every server knows it like that; the part before the @ stays, and is said in UTF-8."""
    assert letter(to="ada@bücher.example").to == "ada@xn--bcher-kva.example"
    made = letter(to="åsa@bücher.example")
    assert made.to == "åsa@xn--bcher-kva.example"
    assert "To: Ada <åsa@xn--bcher-kva.example>" in compose(made, FROM).decode()

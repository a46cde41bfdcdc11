"""Random names, and the classes of visitors."""

from __future__ import annotations

import re
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qr import visits
from qr.contract import DeviceClass
from qr.tokens import is_slug, new_short_code, new_slug, short_code_in
from qr.visits import device_class, referrer_host

pytestmark = pytest.mark.no_calls


@given(st.integers(0, 2**50 - 1))
def test_every_short_code_is_understood_in_any_case(number: int) -> None:
    """Fifty random bits are ten characters, different for each number, and read back alike."""
    asked: list[int] = []

    def random_bits(bits: int) -> int:
        asked.append(bits)
        return number

    code = new_short_code(random_bits)
    assert asked == [50]
    assert short_code_in(code) == short_code_in(code.lower()) == code
    digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    value = 0
    for character in code:
        value = value * 32 + digits.index(character)
    assert value == number


def test_slugs_are_long_enough_not_to_be_guessed() -> None:
    """At least sixty random bits, of which each has its effect."""
    asked: list[int] = []

    def random_bits(bits: int) -> int:
        asked.append(bits)
        return 0

    assert is_slug(new_slug(random_bits))
    assert asked[0] >= 60
    slugs = {new_slug(lambda _, place=place: 1 << place) for place in range(asked[0])}  # type: ignore[misc]
    assert len(slugs) == asked[0]
    assert all(map(is_slug, slugs))
    assert new_slug(secrets.randbits) != new_slug(secrets.randbits)


@given(st.text(max_size=12))
def test_no_text_is_more_than_a_code_or_nothing(text: str) -> None:
    """Whatever stands in an address, what is looked up has the form of a code."""
    code = short_code_in(text)
    assert code is None or (code.isascii() and len(code) >= 8 and not set(code) & set("ILOU"))


def test_what_was_printed_with_a_shorter_name_is_still_understood() -> None:
    """Codes of eight and slugs of eleven characters are on paper; shorter ones never were."""
    assert short_code_in("0123abcd") == "0123ABCD"
    assert is_slug("0123456789a")
    assert short_code_in("0123abc") is None
    assert not is_slug("0123456789")


AGENTS = {
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Mobile/15E148": "mobile",
    "Mozilla/5.0 (Linux; Android 16; Pixel 10) Chrome/140.0 Mobile Safari/537.36": "mobile",
    "Mozilla/5.0 (Linux; Android 14; CUBOT X90) Chrome/140.0 Mobile Safari/537.36": "mobile",
    "Mozilla/5.0 (Linux; Android 16; SM-X910) Chrome/140.0 Safari/537.36": "tablet",
    "Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) Mobile/15E148": "tablet",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0": "desktop",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605.1.15": "desktop",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Firefox/145.0": "desktop",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)": "bot",
    "Mozilla/5.0 (iPhone) (compatible; AdsBot-Google-Mobile)": "bot",
    "WhatsApp/2.23.20.0 A": "bot",
    "TelegramBot (like TwitterBot)": "bot",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)": "bot",
    "Mozilla/5.0 (Macintosh) facebookexternalhit/1.1 Facebot Twitterbot/1.0": "bot",
    "Mozilla/5.0 (X11) HeadlessChrome/140.0": "bot",
    "curl/8.5": "bot",
    "python-httpx/0.28": "bot",
    "": "unknown",
    "Something new": "unknown",
}


@pytest.mark.parametrize("agent", AGENTS)
def test_devices_are_told_apart(agent: str) -> None:
    """Telephones, tablets, computers and programs, by what they say of themselves."""
    assert device_class(agent) is DeviceClass(AGENTS[agent])


def test_a_long_agent_is_judged_by_its_beginning() -> None:
    """Whatever a stranger sends, no more than the first 512 characters are looked at."""
    iphone = "iPhone"
    fits = "x" * (512 - len(iphone)) + iphone
    assert device_class(fits) is DeviceClass.MOBILE
    assert device_class(f"x{fits}") is DeviceClass.UNKNOWN


def test_words_of_an_agent_count_wherever_they_stand() -> None:
    """No expression looks ahead of each word: "Mobile" is looked for once."""
    assert device_class("Mobile Safari; Android 16") is DeviceClass.MOBILE
    assert device_class("android" * 60) is DeviceClass.TABLET
    found = [value.pattern for value in vars(visits).values() if isinstance(value, re.Pattern)]
    assert len(found) >= 3
    assert [expression for expression in found if "(?!" in expression or ".*" in expression] == []


REFERRERS = {
    "https://Mail.Example.org:8443/inbox?user=anna#top": "mail.example.org",
    "https://user:secret@example.org/": "example.org",
    "android-app://com.google.android.gm/": "com.google.android.gm",
    "http://127.0.0.1/": "127.0.0.1",
    "http://[::1]/": None,
    "http://[/": None,
    "about:blank": None,
    "/p/x": None,
    "https://exa mple.org/": None,
    f"https://{'a' * 300}.example/": None,
    "": None,
}


@pytest.mark.parametrize("referrer", REFERRERS)
def test_of_a_referrer_the_host_remains(referrer: str) -> None:
    """Path, query, port and user name are nobody's business."""
    assert referrer_host(referrer) == REFERRERS[referrer]

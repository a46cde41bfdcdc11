"""Talking to a mail server: what its answers mean, and how long it may take for them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from meishi.letters import smtp
from meishi.letters.errors import MailDelayed, MailRefused
from meishi.letters.server import Encryption, MailServer

from .post_office import PostOffice, login_of, open_office, write_certificate

MESSAGE = b"Subject: Hello\r\n\r\nDear Ada,\r\n.\r\n..\r\nyours\r\n"


def send(office: PostOffice, to: str = "ada@example.com", *, url: str = "", **how: float) -> None:
    """Send a message to the server."""
    server = MailServer.parse(url or f"smtp+plain://127.0.0.1:{office.port}")
    smtp.send(server, MESSAGE, sender="cards@example.org", to=to, **how)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of `localhost`."""
    return write_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def silence() -> Iterator[threading.Event]:
    """What a server waits for that hangs until the test is over."""
    over = threading.Event()
    yield over
    over.set()


def test_a_mail_arrives_as_it_was(office: PostOffice) -> None:
    """Lines that begin with dots too."""
    send(office)
    (taken,) = office.taken
    assert (taken.sender, taken.to, taken.message) == (
        "cards@example.org", "ada@example.com", MESSAGE,
    )  # fmt: skip


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "."])
def test_what_is_refused_for_good_is_told_apart_from_what_is_not(
    office: PostOffice, step: str
) -> None:
    """By the first digit of the answer, at each step that is about the mail."""
    office.answers[step] = "550 5.1.1 no"
    with pytest.raises(MailRefused, match=r"550 5\.1\.1 no"):
        send(office)
    office.answers[step] = "451 4.7.1 later"
    with pytest.raises(MailDelayed, match=r"451 4\.7\.1 later"):
        send(office)
    assert office.taken == []


def test_what_is_refused_before_the_mail_may_go_well_later(office: PostOffice) -> None:
    """That we may not talk to the server at all is no fault of the mail."""
    office.answers["CONNECT"] = "554 closed today"
    with pytest.raises(MailDelayed, match="554 closed today"):
        send(office)


def test_a_refusal_does_not_name_the_recipient(office: PostOffice) -> None:
    """It is kept longer than the mail."""
    office.answers["RCPT"] = "550 <ada.l@example.com>: ada.l is unknown"
    with pytest.raises(MailRefused) as refused:
        send(office, "ada.l@example.com")
    assert str(refused.value).endswith("550 <(recipient)>: (recipient) is unknown")


def test_a_server_that_is_down_delays(office: PostOffice) -> None:
    """Nobody listens there."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with pytest.raises(MailDelayed, match="cannot be used"):
            send(office, url=f"smtp+plain://127.0.0.1:{port}")


@pytest.mark.parametrize("step", ["CONNECT", "MAIL", "RCPT", "DATA"])
def test_a_server_that_hangs_delays(
    office: PostOffice, silence: threading.Event, step: str
) -> None:
    """Each answer has its time."""
    office.acts[step] = silence.wait
    with pytest.raises(MailDelayed, match="timed out"):
        send(office, step_seconds=0.2, whole_seconds=30.0)


def test_a_server_that_dawdles_delays(office: PostOffice, silence: threading.Event) -> None:
    """Who says something from time to time has no end of time for that."""

    def dawdle() -> None:
        for _ in range(600):
            if silence.wait(0.05):
                return
            conversation.append(1)

    conversation: list[int] = []
    office.acts["RCPT"] = dawdle
    with pytest.raises(MailDelayed, match="cannot be used"):
        send(office, step_seconds=60.0, whole_seconds=0.3)
    assert len(conversation) < 600


def test_bad_manners_at_the_end_do_not_matter(office: PostOffice) -> None:
    """The mail was taken: to send it again would be a second copy."""
    office.answers["QUIT"] = "nonsense"
    send(office)
    assert len(office.taken) == 1


def test_international_addresses_need_a_server_that_knows_them(office: PostOffice) -> None:
    """Else they are refused, with the reason; nothing is sent to a similar address."""
    with pytest.raises(MailRefused, match="SMTPUTF8"):
        send(office, "åsa@example.com")
    office.extensions += ["SMTPUTF8", "8BITMIME"]
    send(office, "åsa@example.com")
    assert [taken.to for taken in office.taken] == ["åsa@example.com"]


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_tls_hides_who_logs_in(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    """The login comes after the encryption, with the password as it is behind its escapes."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    extensions = ["AUTH PLAIN", "STARTTLS"]
    secure = {"certificate": certificate, "implicit_tls": scheme == "smtps"}
    with open_office(extensions=extensions, **secure) as office:
        send(office, url=f"{scheme}://meishi:s%40f%2Fe@localhost:{office.port}")
    login = next(number for number, line in enumerate(office.said) if line.startswith("AUTH"))
    assert login_of(office.said[login]) == ("meishi", "s@f/e")
    assert (scheme == "smtps") or "STARTTLS" in office.said[:login]
    assert len(office.taken) == 1


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_an_unknown_certificate_delays(certificate: Path, scheme: str) -> None:
    """Neither mail nor password goes to somebody who only says who they are."""
    secure = {"certificate": certificate, "implicit_tls": scheme == "smtps"}
    with (
        open_office(extensions=["AUTH PLAIN", "STARTTLS"], **secure) as office,
        pytest.raises(MailDelayed, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        send(office, url=f"{scheme}://meishi:secret@localhost:{office.port}")
    assert office.taken == []
    assert not any(line.startswith("AUTH") for line in office.said)


def test_a_server_without_starttls_gets_nothing(office: PostOffice) -> None:
    """Somebody in between may have left out the offer."""
    office.extensions += ["AUTH PLAIN"]
    with pytest.raises(MailDelayed, match="STARTTLS"):
        send(office, url=f"smtp://meishi:secret@127.0.0.1:{office.port}")
    assert all(line.upper().startswith("EHLO") for line in office.said)


def test_a_wrong_password_delays_and_is_not_told(office: PostOffice) -> None:
    """The operator mends it; no mail is lost meanwhile."""
    office.extensions += ["AUTH PLAIN"]
    office.answers["AUTH"] = "535 5.7.8 wrong"
    with pytest.raises(MailDelayed, match=r"535 5\.7\.8 wrong") as refused:
        send(office, url=f"smtp+plain://meishi:s3cret@127.0.0.1:{office.port}")
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "encryption", "port"),
    [
        ("smtp://mail.example.com", Encryption.STARTTLS, 587),
        ("smtps://a:s3cret@mail.example.com", Encryption.TLS, 465),
        ("smtp+plain://mail.example.com:2525/", Encryption.NONE, 2525),
    ],
)
def test_the_scheme_says_what_is_encrypted(url: str, encryption: Encryption, port: int) -> None:
    """And which port is meant where none is named; the password does not show."""
    server = MailServer.parse(url)
    assert (server.host, server.encryption, server.port) == ("mail.example.com", encryption, port)
    assert "s3cret" not in f"{server} {server!r}"

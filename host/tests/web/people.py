"""People who sign up, as their browsers and mailboxes see it."""

from __future__ import annotations

import re
from email import message_from_bytes, policy

from werkzeug.test import TestResponse

from meishi.testing.browsing import Browser
from meishi.testing.jobs import JobRuns
from meishi.testing.types import Host

PASSWORD = "a long enough phrase"


class Mails:
    """What people get."""

    def __init__(self, host: Host, run_jobs: JobRuns) -> None:
        self._host = host
        self._run_jobs = run_jobs
        self.subjects: list[str] = []

    def links(self) -> list[str]:
        """Have all mails sent, and return the paths that their links lead to."""
        self._run_jobs()
        found = []
        for file in sorted((self._host.settings.home / "mails").glob("*.eml")):
            mail = message_from_bytes(file.read_bytes(), policy=policy.default)
            body = mail.get_body(("plain",))
            assert body is not None
            self.subjects.append(mail["Subject"])
            found += re.findall(r"https?://[^/\s]+(/\S*token=\S+)", body.get_content())
            file.unlink()
        return found


def sent(browser: Browser, path: str, **form: object) -> TestResponse:
    """Send the form of a page with all fields that are named."""
    return browser.send(path, form)


def verified(stranger: Browser, mails: Mails, email: str = "anna@example.com") -> None:
    """Open an account and confirm it, which signs in."""
    assert (
        sent(stranger, "/sign-up", name="Anna", email=email, password=PASSWORD).status_code == 200
    )
    (link,) = mails.links()
    answer = sent(stranger, link, password=PASSWORD, token=link.partition("token=")[2])
    assert (answer.status_code, answer.location) == (303, "/")

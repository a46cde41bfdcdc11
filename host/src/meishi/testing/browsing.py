"""A browser for tests: it keeps cookies, and sends forms as a page of ours would."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from meishi.core.identity.contract import Sessions
from meishi.host import Host
from meishi.http.cookies import SESSION_COOKIE
from meishi.http.forgery import FIELD

_TOKEN = re.compile(rf'name="{FIELD}" value="([^"]+)"')


class Browser:
    """A browser of one person; without a session it is a stranger's."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def sign_in(self, host: Host, user_id: UUID) -> None:
        """Give the browser a session of a user, as a sign-in does."""
        with host.scope():
            opened = host.service(Sessions).open(
                user_id=user_id, user_agent="tests", address="127.0.0.1"
            )
        self.client.set_cookie(SESSION_COOKIE, opened.secret)

    def get(self, path: str, **options: Any) -> TestResponse:
        """Open a page."""
        return self.client.get(path, **options)

    def send(
        self, path: str, form: Mapping[str, Any] | None = None, *, page: str | None = None
    ) -> TestResponse:
        """Open a page (the form's own address, unless another is named) and send its form."""
        token = token_on(self.get(page or path))
        return self.client.post(path, data={FIELD: token, **(form or {})})


def token_on(page: TestResponse) -> str:
    """Return what forms of a page carry against forgery."""
    found = _TOKEN.search(page.text)
    assert found, f"no form in: {page.status}\n{page.text[:2000]}"
    return found[1]

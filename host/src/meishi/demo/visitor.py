"""A visitor of a card: scans a code, takes the contact file, and leaves a card in return."""

from __future__ import annotations

import re
import time
from types import TracebackType
from typing import Self

import httpx

#: What a telephone says of itself; programs are not counted as visitors.
_TELEPHONE = "Mozilla/5.0 (Linux; Android 16; Mobile) Gecko/140.0 Firefox/140.0"
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
_CONSENT = re.compile(r'name="consent" type="checkbox" value="([^"]*)"')
#: Seconds that people need at least to fill in a form; who is quicker is taken for a program.
_TYPING = 2.2


class Visitor:
    """Somebody with a telephone, and no account."""

    def __init__(self) -> None:
        self._http = httpx.Client(
            headers={"User-Agent": _TELEPHONE}, follow_redirects=True, timeout=30
        )

    def __enter__(self) -> Self:
        """Begin a visit."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connections."""
        self._http.close()

    def scan(self, address: str) -> httpx.Response:
        """Follow a code to the page of a card."""
        return self._http.get(address)

    def exchange(self, page: httpx.Response) -> bool:
        """Take the contact file of a page, and leave a card of one's own; return whether it went.

        False comes back where the page takes none.
        """
        self._http.get(f"{str(page.url).rstrip('/')}/card.vcf").raise_for_status()
        consent = _CONSENT.search(page.text)
        action = re.search(r'<form method="post" action="([^"#]*)', page.text)
        if consent is None or action is None:
            return False
        time.sleep(_TYPING)
        form = dict(_HIDDEN.findall(page.text)) | {
            "consent": consent[1],
            "name": "Marit Solheim",
            "email": "marit.solheim@fjordlys-foto.example",
            "organisation": "Fjordlys Foto AS",
            "title": "Fotograf",
            "note": "We spoke at the trade fair.",
        }
        answer = self._http.post(str(page.url.join(action[1])), data=form)
        return answer.is_success

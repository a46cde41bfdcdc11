"""A server of a benchmark's own into which address books are imported over HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.processes import free_port, is_healthy, wait_until

IMPORTS = "/api/v1/contacts/imports"
OPERATIONS = "/api/v1/operations"
#: Seconds between two looks at an operation: so many, or this part of what it has taken so far.
PAUSE, PART = 0.05, 0.01


class Api:
    """The web API of a running server."""

    def __init__(self, port: int, token: str) -> None:
        self._address = f"http://127.0.0.1:{port}"
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/vcard"}

    def imported(self, book: bytes, look: Callable[[float], None] | None = None) -> dict[str, Any]:
        """Upload an address book, have it imported, and return the import.

        `look` is called all the time, with the part of it that is done.
        """
        path = f"{IMPORTS}/{self._send('POST', IMPORTS, book)['id']}"
        operation = self._send("POST", f"{path}/run", b"")
        begun = time.monotonic()
        while operation["state"] in {"waiting", "running"}:
            time.sleep(max(PAUSE, PART * (time.monotonic() - begun)))
            operation = self._send("GET", f"{OPERATIONS}/{operation['id']}")
            if look is not None and operation["progress"] is not None:
                look(operation["progress"]["done"] / len(book))
        return self._send("GET", path)

    def _send(self, method: str, path: str, body: bytes | None = None) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self._address}{path}", data=body, headers=self._headers, method=method
        )
        with urllib.request.urlopen(request, timeout=300) as response:
            answer: dict[str, Any] = json.load(response)
        return answer


@contextmanager
def serving(home: Path, token: str, **environment: str) -> Iterator[Api]:
    """Run a server of its own on a data folder, with its worker."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "meishi", "serve", "--port", str(port)],
        env={**os.environ, "MEISHI_HOME": str(home), **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: is_healthy(port), "healthy")
        yield Api(port, token)
    finally:
        server.terminate()
        server.wait(30)


def new_token(home: Path) -> str:
    """Create a workspace, and return a token for it."""
    created = subprocess.run(
        [sys.executable, "-m", "meishi", "init", "--json"],
        env={**os.environ, "MEISHI_HOME": str(home)},
        check=True,
        capture_output=True,
    )
    return str(json.loads(created.stdout)["token"])

"""A whole address book as Radicale takes it in: by one PUT of all its cards.

Radicale is free software under the GPL, version 3. It runs here as a program of its own, installed
for this benchmark alone: nothing of Meishi imports it or is shipped with it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import URLError

from tests.benchmarks._address_books import address_book
from tests.processes import free_port, wait_until

_BOOK = "/peer/book/"
_HEADERS = {
    "Authorization": f"Basic {b64encode(b'peer:').decode()}",
    "Content-Type": "text/vcard; charset=utf-8",
}


def radicale_cards_per_s(size: int) -> float:
    """Return how many cards of a whole book it stores in a second; it must have all of them."""
    book = address_book(size, versions=("3.0",))
    with tempfile.TemporaryDirectory(prefix="meishi-bench-") as folder, _running(folder) as url:
        started = time.perf_counter()
        _request(url, "PUT", book)
        seconds = time.perf_counter() - started
        stored = len(list(Path(folder).glob("collection-root/peer/book/*.vcf")))
    if stored != size:
        raise SystemExit(f"expected {size} cards, Radicale has {stored}")
    return size / seconds


@contextmanager
def _running(folder: str) -> Iterator[str]:
    port = free_port()
    settings = {
        "--server-hosts": f"127.0.0.1:{port}",
        "--server-timeout": "600",
        "--server-max-content-length": "1000000000",
        "--auth-type": "none",
        "--storage-filesystem-folder": folder,
        "--logging-level": "error",
    }
    words = [word for pair in settings.items() for word in pair]
    server = subprocess.Popen(
        [sys.executable, "-m", "radicale", "--config", "", *words], stderr=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: _answers(port), "Radicale answers")
        yield f"http://127.0.0.1:{port}{_BOOK}"
    finally:
        server.terminate()
        server.wait(30)


def _answers(port: int) -> bool:
    with suppress(URLError, ConnectionError):
        _request(f"http://127.0.0.1:{port}/.well-known/carddav", "GET")
        return True
    return False


def _request(url: str, method: str, body: bytes | None = None) -> None:
    request = urllib.request.Request(url, data=body, headers=_HEADERS, method=method)
    with urllib.request.urlopen(request, timeout=600) as answer:
        answer.read()

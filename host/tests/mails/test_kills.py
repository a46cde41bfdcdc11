"""A worker that is killed between the server's answer and the commit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from meishi.database.location import Location
from meishi.settings import Settings
from meishi.testing.events import EventDeliveries

from .conftest import Sender, read
from .post_office import PostOffice

pytestmark = pytest.mark.once

_PATIENCE = 360.0


@contextmanager
def worker(location: Location, settings: Settings, office: PostOffice, home: Path) -> Iterator[int]:
    """Let a worker work until the block ends; yields the number of its process."""
    environment = {name: os.environ[name] for name in os.environ if not name.startswith("MEISHI_")}
    environment |= {
        "MEISHI_HOME": str(home),
        "MEISHI_DEPLOYMENT": settings.deployment,
        "MEISHI_DATABASE_URL": location.runtime_url,
        "MEISHI_MAIL_URL": f"smtp+plain://127.0.0.1:{office.port}",
        "MEISHI_MAIL_FROM": "cards@example.org",
        "MEISHI_PLUGINS": ",",
    }
    with (home / "said.log").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "meishi", "worker"], env=environment, stdout=said, stderr=said
        )
        try:
            yield process.pid
        finally:
            process.terminate()
            process.wait(_PATIENCE)


def job_processes(parent: int) -> list[int]:
    """Return the processes of a worker that run jobs."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [
        int(number)
        for number in children
        if b"--jobs" in Path(f"/proc/{number}/cmdline").read_bytes()
    ]


def test_a_mail_is_sent_twice_at_most_and_under_one_name(
    sender: Sender, office: PostOffice, deliver_events: EventDeliveries, database: Location,
    meishi_settings: Settings, tmp_path: Path,
) -> None:  # fmt: skip
    """Killed after the server took it and before it could be noted, it is sent once more."""
    done = threading.Event()
    workers: list[int] = []

    def die_once() -> None:
        if len(office.taken) == 1:
            for process in job_processes(workers[0]):
                os.kill(process, signal.SIGKILL)
        else:
            done.set()

    office.acts["TAKEN"] = die_once
    mail_id = sender.send()
    with worker(database, meishi_settings, office, tmp_path) as number:
        workers.append(number)
        assert done.wait(_PATIENCE), (tmp_path / "said.log").read_text()
        deadline = time.monotonic() + _PATIENCE
        while sender.rows() and time.monotonic() < deadline:
            time.sleep(0.05)
    names = [read(taken.message)["Message-ID"] for taken in office.taken]
    assert names == [f"<{mail_id}@example.org>"] * 2
    assert sender.rows() == []

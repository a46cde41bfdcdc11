"""A plugin of somebody else: its wheel is installed, switched, used, and purged without a trace."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.flows.wheels import ROOT, build, build_members, environment_of, install, uninstall
from tests.processes import PATIENCE, ended, free_port, is_healthy, wait_until, wait_until_gone

#: Seconds between questions: a token may ask ten times a second in the long run.
_PAUSE = 0.2

SAMPLE = ROOT / "samples" / "birthday-reminders"
NAME = "birthday_reminders"
ALL = f"crm_contacts,qr,{NAME}"

pytestmark = [
    pytest.mark.long,
    pytest.mark.no_calls,
    pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here"),
]


class Place:
    """An environment of wheels with a deployment of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "environment"
        self.home = folder / "home"
        self.bin = environment_of(build_members(folder / "wheels"), self.folder)
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith("MEISHI_")
        } | {"MEISHI_HOME": str(self.home), "PYTHONSAFEPATH": "1", "MEISHI_WORKERS": "1"}
        self._running: list[subprocess.Popen[str]] = []

    def meishi(self, *arguments: str, plugins: str = ALL) -> subprocess.CompletedProcess[str]:
        """Run a command."""
        return subprocess.run(
            [self.bin / "meishi", *arguments],
            cwd=self.folder,
            env=self.environment | {"MEISHI_PLUGINS": plugins},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def told(self, *arguments: str, plugins: str = ALL) -> Any:
        """Run a command that succeeds, and return the document that it prints."""
        done = self.meishi(*arguments, "--json", plugins=plugins)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def state(self, plugins: str = ALL) -> tuple[str, str]:
        """Return the sample's state and reason; of one that nobody knows, nothing."""
        found = {item["name"]: item for item in self.told("plugins", plugins=plugins)}
        return (found[NAME]["state"], found[NAME]["reason"]) if NAME in found else ("", "")

    def start(self, *arguments: str, plugins: str = ALL) -> None:
        """Start a process that goes on."""
        self._running.append(
            subprocess.Popen(
                [self.bin / "meishi", *arguments],
                cwd=self.folder,
                env=self.environment | {"MEISHI_PLUGINS": plugins},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )

    def stop(self) -> None:
        """End what was started."""
        for process in self._running:
            process.terminate()
        while self._running:
            ended(self._running.pop())


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Such an environment, with the host and its own plugins, after which nothing runs."""
    found = Place(tmp_path)
    try:
        yield found
    finally:
        found.stop()
        wait_until_gone(found.home)


def asked(
    port: int, token: str, path: str, document: Any = None, method: str | None = None
) -> tuple[int, Any]:
    """Ask the web API; return status and document."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/{path}",
        data=None if document is None else json.dumps(document).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        method=method,
    )
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            text = answer.read()
            return answer.status, json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def test_a_plugin_of_somebody_else_from_its_wheel_to_its_purge(
    place: Place, tmp_path: Path
) -> None:
    """What is there before is read, what it misses while it is off comes later, nothing stays."""
    before = "crm_contacts,qr"
    token = place.told("init", plugins=before)["token"]
    port = free_port()
    place.start("serve", "--port", str(port), plugins=before)
    wait_until(lambda: is_healthy(port), "healthy")
    for name, day in (("Ada", "1815-12-10"), ("Zoe", "--0229"), ("Nobody", None)):
        draft = {"name": {"full": name}, "birthday": day}
        status, made = asked(port, token, "contacts", draft)
        assert status == 201, made
    place.stop()

    install([build(SAMPLE, tmp_path / "sample")], place.folder)
    assert place.state(plugins=before) == ("disabled", "not in the setting `plugins`")
    installed = place.meishi("plugins", "install", NAME)
    assert (installed.returncode, installed.stderr) == (0, "")
    assert place.state() == ("active", "")
    place.start("serve", "--port", str(port))
    wait_until(lambda: is_healthy(port), "healthy")

    def days() -> list[tuple[int, int]]:
        status, found = asked(port, token, "birthdays")
        return [(item["month"], item["day"]) for item in found["items"]] if status == 200 else []

    wait_until(
        lambda: days() == [(2, 29), (12, 10)], "the contacts of before are read", every=_PAUSE
    )

    assert place.told("plugins", "disable", NAME) == {"changed": [NAME]}

    def is_off() -> bool:
        status, problem = asked(port, token, "birthdays")
        return status == 404 and problem["type"].endswith(":plugin-disabled")

    wait_until(is_off, "it is off", every=_PAUSE)
    status, grace = asked(port, token, "contacts", {"name": {"full": "G"}, "birthday": "--0501"})
    assert status == 201
    assert place.told("plugins", "enable", NAME) == {"changed": [NAME]}
    wait_until(
        lambda: days() == [(2, 29), (5, 1), (12, 10)], "what it missed has come", every=_PAUSE
    )
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/contacts/{grace['id']}",
        headers={"Authorization": f"Bearer {token}", "If-Match": "*"},
        method="DELETE",
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        assert answer.status == 204
    wait_until(lambda: days() == [(2, 29), (12, 10)], "it follows", every=_PAUSE)
    place.stop()

    refused = place.meishi("plugins", "purge", NAME, "--yes", NAME)
    assert refused.returncode != 0
    assert "enabled" in refused.stderr
    uninstall("meishi-birthday-reminders", place.folder)
    assert place.state(plugins=before)[0] == "orphaned"
    would = place.told("plugins", "purge", NAME, "--dry-run", plugins=before)
    (impact,) = would["would_purge"]
    assert [(table["name"], table["rows"]) for table in impact["tables"]] == [("birthday", 2)]
    purged = place.meishi("plugins", "purge", NAME, "--yes", NAME, plugins=before)
    assert purged.returncode == 0, purged.stderr
    assert [file.suffix for file in (place.home / "purged").iterdir()] == [".dump"]
    assert place.state(plugins=before) == ("", "")
    assert place.told("doctor", plugins=before) is not None


def test_the_tests_of_the_sample_pass_where_it_is_installed(place: Place, tmp_path: Path) -> None:
    """With what an author has: the host's fixtures, and nothing of this checkout."""
    install([build(SAMPLE, tmp_path / "sample")], place.folder)
    folder = shutil.copytree(SAMPLE / "tests", tmp_path / "tests")
    done = subprocess.run(
        [place.bin / "python", "-m", "pytest", "-q", "--import-mode=importlib", folder],
        cwd=tmp_path,
        env=place.environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout

"""Idempotency-Key: a server that is killed leaves an effect with its answer, or neither."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from flask.testing import FlaskClient

from meishi.database.location import Location
from meishi.http.idempotency import REPLAYED
from meishi.settings import Settings
from meishi.testing.fixtures import WorkspaceUnderTest

CONTACTS = "/api/v1/contacts"
ADA = {"name": {"full": "Ada"}}

#: A server that ends itself in the middle of a request, as SIGKILL from outside would.
SERVER = """
import os, signal, sys
from crm_contacts.contract import ContactCreated
from meishi.app import create_app
from meishi.database import transaction
from meishi.database.location import Location
from meishi.sdk.plugin import DeliveryMode, on
from meishi.settings import load_settings

place, url, token = sys.argv[1:]
app = create_app(load_settings(), location=Location(url, None))

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

send = transaction.send
def sent(driver, commands):
    if "meishi_requests.answer" not in commands:
        return send(driver, commands)
    if place == "before the commit":
        die()
    if place == "between answer and commit":
        send(driver, commands.rpartition("COMMIT")[0])
        die()
    send(driver, commands)
    die()

if place == "in the view":
    host = app.extensions["meishi"]
    host.signals.connect("qr", on(ContactCreated, die, mode=DeliveryMode.IN_TRANSACTION))
else:
    transaction.send = sent
headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k"}
app.test_client().post("/api/v1/contacts", json={"name": {"full": "Ada"}}, headers=headers)
"""

#: Where it ends, and whether the request was done.
PLACES = {
    "in the view": False,
    "before the commit": False,
    "between answer and commit": False,
    "behind the commit": True,
}


@pytest.mark.parametrize(("place", "done"), PLACES.items(), ids=PLACES)
def test_what_is_sent_again_after_a_kill_has_one_effect(
    client: FlaskClient,
    workspace: WorkspaceUnderTest,
    database: Location,
    meishi_settings: Settings,
    tmp_path: Path,
    place: str,
    done: bool,
) -> None:
    """Nobody who was not answered knows what was done; to send it again is right in any case."""
    environment = {
        **os.environ,
        "MEISHI_HOME": str(tmp_path),
        "MEISHI_DEPLOYMENT": meishi_settings.deployment,
    }
    command = [sys.executable, "-c", SERVER, place, database.runtime_url, workspace.token]
    ended = subprocess.run(command, env=environment, check=False, timeout=360)
    assert ended.returncode == -signal.SIGKILL
    headers = {**workspace.headers, "Idempotency-Key": "k"}
    answer = client.post(CONTACTS, json=ADA, headers=headers)
    while answer.status_code == 409:  # the server has not noticed yet that nobody is there
        answer = client.post(CONTACTS, json=ADA, headers=headers)
    assert (answer.status_code, REPLAYED in answer.headers) == (201, done)
    assert database.admin_url is not None
    with psycopg.connect(database.admin_url) as admin:
        for table in ("crm_contacts.contact", "meishi_events.event", "meishi_requests.answer"):
            assert admin.execute(f"SELECT count(*) FROM {table}".encode()).fetchall() == [(1,)]

"""People's own data: taken along, and erased with the account, on the page and over HTTP."""

from __future__ import annotations

import json
from dataclasses import replace
from io import BytesIO
from zipfile import ZipFile

import pytest
from flask import Flask
from sqlalchemy import text

from meishi.context import Actor
from meishi.core.identity.contract import Accounts, Members
from meishi.declarations import DataSubject, ErasureReport, PersonalData
from meishi.personal_data.jobs import ERASE_ACCOUNT
from meishi.sdk.context import service
from meishi.sdk.database import current_connection
from meishi.sdk.jobs import request
from meishi.testing.browsing import Browser
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.jobs import JobRuns
from meishi.testing.types import Host

from .people import PASSWORD, Mails, sent, verified

OWN = "/api/v1/personal-data/own"
ERASURE = "/personal-data/erasure"


def accounts(host: Host, email: str) -> int:
    """Return how many accounts have an address."""
    with host.scope(plugin="identity"):
        statement = text('SELECT count(*) FROM identity."user" WHERE email = :email')
        found = current_connection().execute(statement, {"email": email})
        return int(found.scalar_one())


def files(archive: bytes) -> dict[str, bytes]:
    """Return what is in a ZIP file."""
    with ZipFile(BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def test_people_take_their_own_data_along(stranger: Browser, mails: Mails) -> None:
    """The file has the account and the session, no secret of either, and nobody else."""
    verified(stranger, mails)
    sent(stranger, "/identity/workspaces", name="Acme", slug="acme")
    answer = stranger.send("/personal-data/archive", page="/personal-data")
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert "attachment" in answer.headers["Content-Disposition"]
    found = files(answer.data)
    answer.close()
    (account,) = map(json.loads, found["identity/account.ndjson"].splitlines())
    assert account["record"]["email"] == "anna@example.com"
    (member,) = map(json.loads, found["identity/membership.ndjson"].splitlines())
    assert member["workspace_id"] is not None
    assert "identity/session.ndjson" in found
    whole = b"".join(found.values())
    assert b"hash" not in whole
    assert b"owner@one.example" not in whole


def test_an_account_goes_with_all_that_belongs_to_it(
    host: Host, stranger: Browser, mails: Mails, app: Flask
) -> None:
    """The password is asked for; then all sessions end, a worker erases, and a mail says so."""
    verified(stranger, mails)
    other = Browser(app.test_client())
    sent(other, "/sign-in", email="anna@example.com", password=PASSWORD)
    assert other.get("/identity/account").status_code == 200
    refused = stranger.send(ERASURE, {"password": "wrong"}, page="/personal-data")
    assert refused.status_code == 403
    assert "not the password" in refused.text
    assert other.get("/identity/account").status_code == 200
    gone = stranger.send(ERASURE, {"password": PASSWORD}, page="/personal-data")
    assert (gone.status_code, gone.location) == (303, "/sign-in")
    assert other.get("/identity/account").status_code == 303
    late = sent(other, "/sign-in", email="anna@example.com", password=PASSWORD)
    assert late.status_code == 401
    mails.links()
    assert mails.subjects[-1] == "Your account was erased"
    assert accounts(host, "anna@example.com") == 0
    again = sent(stranger, "/sign-up", name="Anna", email="anna@example.com", password=PASSWORD)
    assert again.status_code == 200


def test_the_only_owner_of_a_workspace_is_told_so(
    host: Host, stranger: Browser, mails: Mails
) -> None:
    """Nothing is done, and the page names the workspace."""
    verified(stranger, mails)
    sent(stranger, "/identity/workspaces", name="Acme", slug="acme")
    refused = stranger.send(ERASURE, {"password": PASSWORD}, page="/personal-data")
    assert refused.status_code == 409
    assert "the only owner of Acme" in refused.text
    mails.links()
    assert stranger.get("/identity/account").status_code == 200
    assert accounts(host, "anna@example.com") == 1


def test_of_owners_who_go_the_last_one_stays_whole(
    host: Host, workspace: WorkspaceUnderTest, run_jobs: JobRuns
) -> None:
    """Whoever would leave a workspace without an owner is erased nowhere, in no plugin."""
    with host.scope():
        second = host.service(Accounts).sign_up_invited(
            email="second@example.com", name="Second", password=PASSWORD
        )
    assert second is not None
    with workspace.acting_as("identity"):
        statement = "INSERT INTO identity.membership VALUES (:workspace, :user, 'owner')"
        values = {"workspace": workspace.id, "user": second}
        current_connection().execute(text(statement), values)
    for user in (workspace.owner_id, second):
        with host.scope(plugin="meishi_personal_data", actor=Actor(user_id=user)):
            request(ERASE_ACCOUNT, user_id=user)
    fates = [item.fate for item in run_jobs(failures=True) if item.job.endswith(ERASE_ACCOUNT)]
    assert fates.count("succeeded") == 1
    assert accounts(host, "second@example.com") + accounts(host, "owner@one.example") == 1
    with workspace.acting_as("identity"):
        assert len(service(Members).all()) == 1


def test_an_account_stays_until_every_plugin_has_erased(
    host: Host,
    stranger: Browser,
    mails: Mails,
    run_jobs: JobRuns,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One that fails is asked again, with the account still there to tell what is meant."""
    verified(stranger, mails)
    asked: list[DataSubject] = []

    def erase(subject: DataSubject) -> ErasureReport:
        asked.append(subject)
        if len(asked) == 1:
            raise OSError("the shelf is stuck")
        return ErasureReport(erased=1)

    shelf = host.plugins.contributions["shelf"]
    declared = PersonalData(export=lambda subject: (), erase=erase)
    monkeypatch.setitem(host.plugins.contributions, "shelf", replace(shelf, data_subject=declared))
    stranger.send(ERASURE, {"password": PASSWORD}, page="/personal-data")
    run_jobs(failures=True)
    mails.links()
    assert len(asked) == 2
    assert {item.emails for item in asked} == {("anna@example.com",)}
    assert mails.subjects.count("Your account was erased") == 1
    assert accounts(host, "anna@example.com") == 0


def test_a_token_takes_its_owners_data_along(app: Flask, workspace: WorkspaceUnderTest) -> None:
    """Over HTTP it is the same file; erasing wants the password there, too."""
    client = app.test_client()
    answer = client.get(f"{OWN}/archive", headers=workspace.headers)
    assert answer.status_code == 404, "an account without a password is a service's"
    refused = client.post(f"{OWN}/erasure", json={"password": "guess"}, headers=workspace.headers)
    assert refused.status_code == 404
    missing = client.post(f"{OWN}/erasure", json={}, headers=workspace.headers)
    assert missing.status_code == 422


def test_admins_say_who_must_not_come_in_again(app: Flask, workspace: WorkspaceUnderTest) -> None:
    """Suppressed and lifted over HTTP; what is neither address nor number is refused."""
    client, headers = app.test_client(), workspace.headers
    people = {"emails": ["Zelda@example.org"], "phones": ["+46701234567"]}
    path = "/api/v1/personal-data/suppressions"
    assert client.post(path, json=people, headers=headers).status_code == 204
    lifted = client.post(f"{path}:lift", json=people, headers=headers)
    assert (lifted.status_code, lifted.json) == (200, {"lifted": 2})
    again = client.post(f"{path}:lift", json=people, headers=headers)
    assert again.json == {"lifted": 0}
    wrong = client.post(path, json={"phones": ["070-123"]}, headers=headers)
    assert wrong.status_code == 422

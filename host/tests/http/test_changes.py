"""Tokens of changes feeds: whose they are, how long they are good, what becomes of wrong ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import psycopg
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from meishi.host import Host
from meishi.http.changes import TOKEN_LIFE
from meishi.http.sync_tokens import purpose_of, read_token, write_token
from meishi.sdk.contract import ChangeMark, ChangeQuery
from meishi.signing import KEY_BYTES, Signer
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Location

FEED = "/api/v1/contacts/changes"
FEEDS = (FEED, "/api/v1/qr/cards/changes", "/api/v1/qr/codes/changes")

#: The id of nothing.
NOBODY = "00000000-0000-4000-8000-000000000000"

Ask = Callable[..., TestResponse]


@pytest.fixture
def ask(client: FlaskClient, workspace: WorkspaceUnderTest) -> Ask:
    """Ask a feed of the workspace."""

    def get(path: str = FEED, **query: Any) -> TestResponse:
        return client.get(path, query_string=query, headers=workspace.headers)

    return get


def ok(answer: TestResponse) -> dict[str, Any]:
    """Return the document of an answer that is well."""
    assert answer.status_code == 200, answer.text
    document = answer.json
    assert isinstance(document, dict)
    return document


def problem(answer: TestResponse, status: int, code: str) -> str:
    """Return what a problem says."""
    assert answer.status_code == status, answer.text
    document = answer.json
    assert isinstance(document, dict)
    assert document["type"] == f"urn:meishi:problem:{code}"
    return str(document["detail"])


@pytest.mark.parametrize("feed", FEEDS)
def test_feed_answers_with_items_a_token_and_whether_there_is_more(feed: str, ask: Ask) -> None:
    """Also where there is nothing; the token is good at once."""
    empty = ok(ask(feed))
    assert (empty["items"], empty["more"]) == ([], False)
    assert ok(ask(feed, since=empty["next"]))["items"] == []


def test_token_is_good_for_its_own_feed_and_workspace_alone(
    ask: Ask,
    client: FlaskClient,
    workspace: WorkspaceUnderTest,
    other_workspace: WorkspaceUnderTest,
) -> None:
    """Another feed, another workspace, a changed letter and any other text are refused alike."""
    token = ok(ask())["next"]
    headers = other_workspace.headers
    foreign = client.get(FEED, query_string={"since": token}, headers=headers)
    wrong = [
        foreign,
        ask(FEEDS[1], since=token),
        ask(since=f"{'A' if token[0] != 'A' else 'B'}{token[1:]}"),
        *(ask(since=text) for text in ("", "x", "é", token[:-1], f"{token}=", "a" * 3_000)),
    ]
    for answer in wrong:
        assert "`since`" in problem(answer, 400, "invalid-sync-token")


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 201}, {"limit": "x"}, {"after": "x"}])
def test_what_else_is_wrong_with_a_query_is_named(query: dict[str, Any], ask: Ask) -> None:
    """Limits are those of lists, and cursors of lists are not for feeds."""
    problem(ask(**query), 400, "invalid-request")


class Tokens:
    """Tokens of the workspace's feed as they never come from it, yet signed as they do."""

    def __init__(self, host: Host, workspace: WorkspaceUnderTest) -> None:
        self._signer = host.signer
        self._purpose = purpose_of(workspace.id, FEED)

    def mark(self, token: str) -> ChangeMark:
        """Return what a token's holder knows."""
        mark = read_token(token, self._signer, self._purpose).since
        assert mark is not None
        return mark

    def of(self, **wanted: Any) -> str:
        """Return a token of somebody who asks for this."""
        return write_token(ChangeQuery(**wanted), self._signer, self._purpose)

    def holding(self, content: object) -> str:
        """Return a token with any content."""
        return self._signer.sign(self._purpose, msgspec.msgpack.encode(content))


@pytest.fixture
def tokens(host: Host, workspace: WorkspaceUnderTest) -> Tokens:
    """Tokens of the workspace's feed."""
    return Tokens(host, workspace)


def expired(answer: TestResponse, reason: str) -> None:
    """Hold that a token is told to be good no more, and what to do."""
    detail = problem(answer, 410, "sync-token-expired")
    assert reason in detail
    assert "Read the feed again without `since`" in detail


def test_tokens_are_good_for_a_month(ask: Ask, tokens: Tokens) -> None:
    """An older one may have missed what has gone; in a round, its beginning and its end count."""
    mark = tokens.mark(ok(ask())["next"])
    old = replace(mark, at=mark.at - int(TOKEN_LIFE.total_seconds()) - 60)
    young = replace(mark, at=old.at + 120)
    expired(ask(since=tokens.of(since=old)), "older than 30 days")
    expired(ask(since=tokens.of(since=old, until=mark, after=("3", "x"))), "older than 30 days")
    expired(ask(since=tokens.of(until=old, after=("x",))), "older than 30 days")
    ok(ask(since=tokens.of(since=young)))


def test_tokens_mean_nothing_in_another_cluster_or_before_their_time(
    ask: Ask, tokens: Tokens
) -> None:
    """A restored copy, a promoted server and one that went back in time have other numbers."""
    mark = tokens.mark(ok(ask())["next"])
    system, timeline = mark.cluster.split("/")
    for other in (
        replace(mark, cluster=f"{int(system) + 1}/{timeline}"),
        replace(mark, cluster=f"{system}/{int(timeline) + 1:08}"),
        replace(mark, next_transaction=mark.next_transaction + 1_000_000),
    ):
        expired(ask(since=tokens.of(since=other)), "restored or moved")
        expired(
            ask(since=tokens.of(since=mark, until=other, after=("3", NOBODY))),
            "restored or moved",
        )


@pytest.mark.parametrize("content", [None, [], [None, None], ["x"], {"since": 1}, [1, 2, 3]])
def test_token_of_another_version_has_expired(content: Any, ask: Ask, tokens: Tokens) -> None:
    """What this host signed, and cannot read any more, is no forgery."""
    expired(ask(since=tokens.holding(content)), "another version")


NUMBERS = st.integers(3, 2**63)
MARKS = st.builds(
    lambda cluster, at, numbers: ChangeMark(
        cluster=cluster,
        at=at,
        next_transaction=max(numbers) + 1,
        open_transactions=tuple(sorted(numbers)),
    ),
    st.text("0123456789/", min_size=1, max_size=28),
    st.integers(0, 2**40),
    st.sets(NUMBERS, min_size=1, max_size=50),
)


@given(MARKS, st.none() | MARKS, st.none() | st.tuples(st.text(max_size=40), st.text(max_size=40)))
def test_token_comes_back_as_it_was(
    since: ChangeMark, until: ChangeMark | None, after: tuple[str, ...] | None
) -> None:
    """Whatever a holder knows, however many transactions were open, is in the token."""
    signer = Signer(b"k" * KEY_BYTES)
    wanted = ChangeQuery(since=since, until=until, after=after)
    assert read_token(write_token(wanted, signer, "feed"), signer, "feed") == wanted


def test_feed_needs_the_permission_of_its_list(client: FlaskClient) -> None:
    """Nobody reads it without a token of the API."""
    assert client.get(FEED).status_code == 401


def test_what_a_token_has_seen_is_on_the_disk(ask: Ask, database: Location) -> None:
    """A crash takes nothing back that somebody was told: their token would never tell again."""
    with psycopg.connect(database.administrator_url(), autocommit=True) as admin:
        admin.execute("SET synchronous_commit = off")
        with admin.transaction():
            admin.execute("CREATE TABLE public.written AS SELECT 1")
        (written,) = admin.execute("SELECT pg_current_wal_insert_lsn()").fetchone() or ()
        ok(ask())
        flushed = admin.execute("SELECT pg_current_wal_flush_lsn() >= %s", [written]).fetchone()
    assert flushed == (True,)

"""`meishi events`: one line and a hint where something is wrong, JSON for programs."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from meishi.command import HOST_COMMANDS
from meishi.database.location import Location

from ..conftest import SUBSCRIPTION, DeliveryRows
from .conftest import Run

pytestmark = pytest.mark.once


@pytest.fixture
def log(migrated: Location, delivery: DeliveryRows) -> DeliveryRows:
    """A log with a subscription, and commands that work on it."""
    delivery.subscribe()
    return delivery


def document(run: Run, *arguments: str) -> Any:
    """Return the one JSON document that a command prints."""
    result = run("events", *arguments, "--json")
    assert (result.code, result.err) == (0, "")
    assert result.out.count("\n") == 1
    return json.loads(result.out)


def refusal(run: Run, *arguments: str) -> tuple[str, str]:
    """Return error and hint of a command that is refused; it prints nothing else."""
    result = run("events", *arguments)
    assert (result.code, result.out) == (1, "")
    lines = result.err.splitlines()
    assert len(lines) <= 2
    assert lines[0].startswith("Error: ")
    return lines[0].removeprefix("Error: "), "".join(lines[1:]).removeprefix("Hint: ")


def test_status_is_a_row_per_subscription(run: Run, log: DeliveryRows) -> None:
    """People see at once what is parked, and whether anybody delivers."""
    log.queue("a", ["dead", "held"])
    log.worker()
    table = run("events", "status")
    assert (table.code, table.err) == (0, "")
    assert SUBSCRIPTION in table.out
    assert "1 dead, 1 held" in table.out
    assert "ValueError: no" in table.out
    assert table.out.endswith("Workers alive: 1.\n")
    found = document(run, "status", SUBSCRIPTION)
    assert found["workers_alive"] == 1
    assert found["subscriptions"][0]["parked"] == {"retry": 0, "held": 1, "dead": 1}


def test_without_subscriptions_the_status_says_what_registers_them(
    run: Run, migrated: Location
) -> None:
    """An empty table would be no answer."""
    assert "`meishi worker` registers" in run("events", "status").out


def test_parked_events_are_listed_page_by_page(run: Run, log: DeliveryRows) -> None:
    """The end of a page says how to go on; filters narrow it."""
    events = log.queue("a", ["dead", "held", "held"])
    page = run("events", "parked", "--limit", "2")
    assert str(events[1]) in page.out
    after = page.out.splitlines()[-1].removeprefix("There are more: --after ")
    assert [item["event"] for item in document(run, "parked", "--after", after)["items"]] == [
        str(events[2])
    ]
    assert len(document(run, "parked", "--state", "held")["items"]) == 2
    assert run("events", "parked", "--key", "nobody's").out == "Nothing is parked.\n"


def test_an_event_is_shown_with_its_traceback_and_without_its_payload(
    run: Run, log: DeliveryRows
) -> None:
    """What the event says is shown to those who ask for it."""
    (event,) = log.queue("a", ["dead"])
    shown = run("events", "show", str(event))
    assert shown.out.endswith("\n\nTraceback\n  a line\nValueError: no\n")
    assert "secret" not in shown.out
    assert '"secret":"payload"' in run("events", "show", str(event), "--payload").out
    assert document(run, "show", str(event), "--payload")["payload"] == {"secret": "payload"}


def test_what_a_handler_raised_cannot_paint_a_terminal(run: Run, log: DeliveryRows) -> None:
    """Signs that steer a terminal are spelt out, in tables and texts."""
    (event,) = log.queue("\x1b[2Ja", ["dead"])
    log.run("UPDATE meishi_events.parked SET error = E'a\\x1b[31m\\nRed: \\x1b]0;x\\x07'")
    for command in (("status",), ("parked",), ("show", str(event))):
        out = run("events", *command).out
        assert "\x1b" not in out, command
        assert "\\x1b" in out, command


def test_a_head_is_retried_by_the_command(run: Run, log: DeliveryRows) -> None:
    """By its id, by its key, or with all that is dead."""
    head, held = log.queue("a", ["dead", "held"])
    assert run("events", "retry", str(head)).out == "1 event will be tried at once.\n"
    assert log.parked() == [(head, "retry", 0), (held, "held", 0)]
    assert document(run, "retry", "--dead") == {"events": []}
    by_key = document(run, "retry", "--subscription", SUBSCRIPTION, "--key", "a")
    assert by_key == {"events": [str(head)]}


def test_what_is_skipped_or_discarded_is_told_and_written_down(
    run: Run, log: DeliveryRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the name of who did it, from the variable or else the login."""
    monkeypatch.setenv("MEISHI_OPERATOR", "ada")
    head, second, third = log.queue("a", ["dead", "held", "held"])
    skipped = run("events", "skip", str(head), "--reason", "it names nobody")
    assert skipped.out == f"{SUBSCRIPTION} never gets {head}. {second} of its key follows.\n"
    monkeypatch.delenv("MEISHI_OPERATOR")
    monkeypatch.setenv("LOGNAME", "grace")
    discarded = document(run, "discard", str(second), "--reason", "nor does this")
    assert discarded["events"] == [str(second), str(third)]
    table = run("events", "decisions")
    assert "it names nobody" in table.out
    found = document(run, "decisions")["items"]
    assert [(item["action"], item["decided_by"]) for item in found] == [
        ("discard", "grace"),
        ("discard", "grace"),
        ("skip", "ada"),
    ]


def test_a_whole_subscription_is_discarded_with_two_words(run: Run, log: DeliveryRows) -> None:
    """`--all` names it, `--yes` means it."""
    log.queue("a", ["dead", "held"])
    command = ("discard", "--subscription", SUBSCRIPTION, "--all", "--reason", "of no use")
    error, hint = refusal(run, *command)
    assert error == f"{SUBSCRIPTION} would never get 2 parked events. Nothing was changed."
    assert hint.startswith("Say --yes")
    assert run("events", *command, "--yes").out == f"{SUBSCRIPTION} never gets 2 events.\n"
    assert log.parked() == []


def test_a_subscription_is_paused_and_resumed(run: Run, log: DeliveryRows) -> None:
    """What is paused twice is told."""
    assert "stands still" in run("events", "pause", SUBSCRIPTION, "--reason", "maintenance").out
    error, hint = refusal(run, "pause", SUBSCRIPTION)
    assert error == f"{SUBSCRIPTION}: it is paused."
    assert "meishi events status" in hint
    assert document(run, "resume", SUBSCRIPTION)["state"] == "live"


def test_a_workspace_is_paused_by_slug_and_resumed_by_id(run: Run, log: DeliveryRows) -> None:
    """Operators know the one, programs the other."""
    workspace = json.loads(run("init", "--json").out)["workspace_id"]
    paused = document(run, "pause", SUBSCRIPTION, "--workspace", "main")
    assert (paused["workspace"], paused["state"]) == (workspace, "open")
    assert f"{workspace} (open)" in run("events", "status").out
    resumed = run("events", "resume", SUBSCRIPTION, "--workspace", workspace)
    assert "catches up" in resumed.out


@pytest.mark.parametrize(
    ("command", "error", "hint"),
    [
        ("status crm_contact.main", "There is no subscription 'crm_contact.main'.",
         "Did you mean 'crm_contacts.main'?"),
        ("parked --subscription nobody", "There is no subscription 'nobody'.",
         "`meishi events status` lists them."),
        ("parked --workspace mian", "There is no workspace 'mian'.", "Did you mean 'main'?"),
        ("parked --after x", "'x' is no place in the list.", "Copy it from a page."),
        (f"show {UUID(int=7)}", f"The event {UUID(int=7)} is not parked.",
         "`meishi events parked` lists them."),
        ("retry", "What is to be tried again?", "EVENT, --subscription or --dead."),
        ("retry --key a --dead", "A key belongs to a subscription.", "Add --subscription NAME."),
        ("discard --reason x", "What is to be discarded?", "One of: EVENT, --key, --all."),
        ("discard --key a --reason x", "Of which subscription?", "Add --subscription NAME."),
        (f"skip {UUID(int=7)}", "What is not delivered needs a reason.",
         "Say why with --reason TEXT."),
        ("replay crm_contacts.main", "Since when?", "Either --from TIME or --from-start."),
        ("replay crm_contacts.main --from now", "'now' is no time.",
         "Write it as in 2026-11-27T20:00:00Z."),
        ("replay crm_contacts.main --from-start",
         "No active plugin declares crm_contacts.main, which only it could allow.",
         "`meishi plugins` lists all states."),
        ("replay crm_contacts.main --from-start --dry-run",
         "No active plugin declares crm_contacts.main, which only it could allow.",
         "`meishi plugins` lists all states."),
        ("resume crm_contacts.main", "crm_contacts.main: it is live, not paused.",
         "`meishi events status` shows where each stands."),
    ],
)  # fmt: skip
def test_wrong_input_is_one_line_and_a_hint(
    run: Run, log: DeliveryRows, command: str, error: str, hint: str
) -> None:
    """An operator reads what is wrong, and what to do next."""
    run("init")
    assert refusal(run, *command.split()) == (error, hint)
    assert (log.decided(), log.fence()) == ([], 0)


def test_an_id_is_a_whole_one(run: Run, log: DeliveryRows) -> None:
    """A part of an id could mean another event tomorrow."""
    result = run("events", "show", str(uuid4())[:8])
    assert result.code == 2
    assert "is not a valid UUID" in result.err


def test_a_check_says_what_needs_a_person(run: Run, log: DeliveryRows) -> None:
    """A line for each thing and exit code 1, or exit code 0."""
    log.queue("a", ["dead"])
    found = run("events", "check")
    assert found.code == 1
    assert [line.partition(":")[0] for line in found.out.splitlines()] == ["dead", "no_worker"]
    log.run("DELETE FROM meishi_events.parked")
    log.worker()
    well = run("events", "check")
    assert (well.code, well.out) == (0, "Nothing needs a person.\n")
    log.tick()
    lagging = run("events", "check", "--max-lag", "0", "--json")
    assert lagging.code == 1
    assert [alarm["kind"] for alarm in json.loads(lagging.out)["alarms"]] == ["lag"]


def test_others_at_work_for_too_long_are_told(
    run: Run, log: DeliveryRows, migrated: Location
) -> None:
    """A lock that is not had in time is no traceback, and nothing was changed."""
    log.run(
        "CREATE FUNCTION meishi_events.busy() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'waited' USING ERRCODE = '55P03'; END $$"
    )
    log.run(
        "CREATE TRIGGER busy BEFORE UPDATE ON meishi_events.cursor "
        "FOR EACH ROW EXECUTE FUNCTION meishi_events.busy()"
    )
    error, hint = refusal(run, "pause", SUBSCRIPTION)
    assert error == "Others were at work on the same all the time. Nothing was changed."
    assert hint == "Try again in a moment."


def test_the_name_of_the_group_belongs_to_the_host(run: Run) -> None:
    """No plugin may take it."""
    assert "events" in HOST_COMMANDS
    assert "\n  events " in run("--help").out

"""What people read of an error in one line."""

import pytest

from meishi.calls.failures import CallFailed
from meishi.command.events.text import what_failed
from meishi.events.parking import report

pytestmark = pytest.mark.once


class Unhandled(Exception):
    """Something that no contract declares."""


def call(error: Exception, *calls: str) -> None:
    """Raise an error through calls of contracts, the outermost first."""
    if not calls:
        raise error
    try:
        call(error, *calls[1:])
    except (Unhandled, CallFailed) as cause:
        raise CallFailed("notes", calls[0]) from cause


def reported(error: Exception, *calls: str) -> str:
    """Return what is kept of an error that calls of contracts passed on."""
    try:
        call(error, *calls)
    except (Unhandled, CallFailed) as last:
        return report(last)
    raise AssertionError("nothing failed")


@pytest.mark.parametrize("calls", [(), ("add",), ("add", "add_all")])
def test_an_error_behind_calls_is_named_by_itself(calls: tuple[str, ...]) -> None:
    """A handler calls its contract, whose `CallFailed` would say nothing of what it was."""
    assert what_failed(reported(Unhandled("no such shelf"), *calls)).endswith(
        "Unhandled: no such shelf"
    )


def test_the_line_is_that_of_the_error_however_its_message_goes_on() -> None:
    """Errors of the database end in a link, which says nothing."""
    error = Unhandled("value too long\nDETAIL: 300\n(Background on this error at: https://…)")
    assert what_failed(reported(error, "add")).endswith("Unhandled: value too long")


def test_an_error_that_a_plugin_chained_itself_is_the_last_one() -> None:
    """Only calls of contracts are looked behind."""
    error = Unhandled("the shelf is full")
    error.__cause__ = OSError("no space")
    assert what_failed(reported(error)).endswith("Unhandled: the shelf is full")


@pytest.mark.parametrize("told", [None, ""])
def test_no_error_is_nothing(told: str | None) -> None:
    """What has not failed yet has an empty cell."""
    assert what_failed(told) == ""


def test_what_has_no_traceback_is_its_last_line() -> None:
    """A process that died left a sentence."""
    assert what_failed("The worker process was killed.") == "The worker process was killed."

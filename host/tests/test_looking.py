"""A process looks for what was decided elsewhere, whatever happens, and says what went wrong."""

from __future__ import annotations

import json
import threading

import pytest

from meishi.looking import Looking

pytestmark = pytest.mark.no_calls


class _Window(Looking):
    """Cannot be looked through for a while; the third look that succeeds is the last."""

    def __init__(self, failures: int) -> None:
        super().__init__("the yard", seconds=0.0, patience=0.0)
        self._failures = failures
        self._seen = 0
        self.over = threading.Event()

    def look(self) -> None:
        """Fail as often as was said."""
        if self._failures:
            self._failures -= 1
            raise ConnectionError("it is\nfoggy")
        self._seen += 1

    def is_over(self) -> bool:
        """Whether enough was seen."""
        if self._seen == 3:
            self.over.set()
        return self.over.is_set()


@pytest.mark.parametrize(("failures", "told"), [(0, 0), (1, 1), (60, 1), (61, 2)])
def test_an_outage_is_told_now_and_then_and_its_end_once(
    failures: int, told: int, capfd: pytest.CaptureFixture[str]
) -> None:
    """A log of a day in which a service was away is still read by people."""
    window = _Window(failures)
    window.start()
    assert window.over.wait(60)
    window.stop()
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    missed = [line["error"] for line in lines if line["event"] == "the yard not read"]
    assert missed == ["it is foggy"] * told
    again = [line["failures"] for line in lines if line["event"] == "the yard read again"]
    assert again == ([failures] if failures else [])

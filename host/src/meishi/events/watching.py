"""The watch over calls of handlers: one that passes its limit ends the process, and leaves word.

Nothing else ends a handler that hangs: threads cannot be killed. A thread of Python looks twice a
second. Where it cannot run, since a call in C never gives the interpreter back, a switch outside
of Python ends the process a little later; the table of running calls in the file says whose
limit it was. A crash leaves its trace in the same file, with the thread that crashed.
"""

from __future__ import annotations

import faulthandler
import os
import re
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO

import msgspec

#: Seconds between two looks.
LOOK = 0.5
#: Seconds that the switch leaves to the thread that looks; the switch says less of the cause.
SLACK = 1.5
#: The exit code of a process that was ended here; the switch has the same.
ENDED = 1

#: Where traces begin in the file; before them stands the table.
_TABLE_BYTES = 64 * 1024
_LABEL_CHARACTERS = 500
_OVERDUE = "Overdue "
#: What Python's faulthandler writes of one thread.
_SECTION = re.compile(
    r"^(?:Current thread|Thread) (0x[0-9a-f]+).*\n(?:  .*(?:\n|\Z))*", re.MULTILINE
)


@dataclass(frozen=True, slots=True, order=True)
class RunningCall:
    """A call that must end by `deadline`; without a label, the process itself."""

    deadline: float
    thread: int
    label: str | None


class CallWatch:
    """Watches over the calls of all threads of this process, once it has been started.

    `file` is unbuffered, empty, and this process's alone; it is read with `read_aftermath`. `clock`
    counts seconds, as the switch does.
    """

    def __init__(self, file: IO[bytes], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._file = file
        self._clock = clock
        self._lock = threading.Lock()
        self._running: set[RunningCall] = set()
        self._started = False
        self._switch: float | None = None
        self._write_table()
        os.lseek(file.fileno(), _TABLE_BYTES, os.SEEK_SET)

    def start(self) -> None:
        """Begin to end this process; the file keeps what a crash leaves, too."""
        faulthandler.enable(self._file)
        self._started = True
        threading.Thread(target=self._look_for_ever, name="call-watch", daemon=True).start()

    @contextmanager
    def calling(self, label: str, limit_seconds: float) -> Iterator[None]:
        """Run a block that ends within its limit, or with the process; `label` names the call."""
        running = RunningCall(
            self._clock() + limit_seconds, threading.get_ident(), label[:_LABEL_CHARACTERS]
        )
        self._begin(running)
        try:
            yield
        finally:
            with self._lock:
                self._running.discard(running)
                self._note()

    def end_within(self, seconds: float) -> None:
        """Let the process end by then, whatever is running; no call is to blame for that."""
        self._begin(RunningCall(self._clock() + seconds, 0, None))

    def overdue(self) -> RunningCall | None:
        """Return the call that has passed its limit first, if one has."""
        first = min(self._running, default=None)
        return first if first is not None and first.deadline <= self._clock() else None

    def _begin(self, running: RunningCall) -> None:
        with self._lock:
            self._running.add(running)
            self._note()

    def _look_for_ever(self) -> None:
        while True:
            with self._lock:
                late = self.overdue()
                if late is not None:
                    self._end(late)
                self._set_switch()
            time.sleep(LOOK)

    def _end(self, late: RunningCall) -> None:
        try:
            frame = sys._current_frames().get(late.thread)
            if frame is not None:
                trace = "".join(traceback.format_stack(frame))
                self._file.write(f"{_OVERDUE}{late.thread:#x}\n{trace}".encode())
        finally:
            os._exit(ENDED)

    def _note(self) -> None:
        """Write who is running, and move the switch if it stands for another limit."""
        self._write_table()
        first = min(self._running, default=None)
        if (
            self._started
            and first is not None
            and (self._switch is None or abs(first.deadline - self._switch) > LOOK)
        ):
            self._set_switch()

    def _set_switch(self) -> None:
        """Let the process end shortly after the first limit, even if Python runs no more.

        Without a call there is no limit. Setting it starts a thread: no matter for every call.
        """
        first = min(self._running, default=None)
        if first is None and self._switch is not None:
            faulthandler.cancel_dump_traceback_later()
        self._switch = None
        # A handler may have taken all memory, and a thread needs some: the next look tries again.
        with suppress(MemoryError, RuntimeError):
            if first is not None:
                seconds = max(first.deadline - self._clock(), 0) + SLACK
                faulthandler.dump_traceback_later(seconds, exit=True, file=self._file)
                self._switch = first.deadline

    def _write_table(self) -> None:
        rows = sorted(self._running)
        while len(table := msgspec.json.encode(rows) + b"\n") > _TABLE_BYTES:
            rows = rows[: len(rows) // 2]
        # A disk that is full must not fail a call: all that is lost is whom to blame.
        with suppress(OSError):
            os.pwrite(self._file.fileno(), table, 0)


def has_run(file: IO[bytes]) -> bool:
    """Whether the process that was given this file came as far as watching over calls."""
    return os.fstat(file.fileno()).st_size > 0


def read_aftermath(file: IO[bytes]) -> tuple[str | None, str]:
    """Return what a dead process left behind: the label of the call to blame, and why.

    The label is None if nobody is known to be to blame, as after a SIGKILL; the text is empty
    if there is no trace.
    """
    file.seek(0)
    content = file.read()
    running = _table(content)
    text = content[_TABLE_BYTES:].decode(errors="replace").strip("\0\n")
    for reader in (_read_overdue, _read_switched, _read_crashed):
        found = reader(text, running)
        if found is not None:
            label, error = found
            return label, _without_nul(error)
    return None, _without_nul(text)


def _without_nul(text: str) -> str:
    """Return a text that PostgreSQL takes."""
    return text.replace("\0", "�")


def _table(content: bytes) -> list[RunningCall]:
    line = content[:_TABLE_BYTES].partition(b"\n")[0]
    try:
        return sorted(msgspec.json.decode(line, type=list[RunningCall]))
    except (msgspec.DecodeError, TypeError):
        return []


_Found = tuple[str | None, str] | None


def _read_overdue(text: str, running: list[RunningCall]) -> _Found:
    """Read what the thread that looks has written."""
    head, _, trace = text.partition("\n")
    match = re.fullmatch(rf"{_OVERDUE}(0x[0-9a-f]+)", head)
    if match is None:
        return None
    label = _label_of(int(match[1], 16), running)
    return label, f"The call did not end within its limit.\n{trace}"


def _read_switched(text: str, running: list[RunningCall]) -> _Found:
    """Read what the switch has written: the traces of all threads, the first limit's to blame."""
    if not text.startswith("Timeout ("):
        return None
    first = running[0] if running else RunningCall(0, 0, None)
    trace = _traces(text).get(first.thread, "")
    return first.label, (
        "The call did not end within its limit, and let nothing else of the process run.\n" + trace
    )


def _read_crashed(text: str, running: list[RunningCall]) -> _Found:
    """Read what a crash has written: the thread that crashed is the current one."""
    match = re.search(r"^Current thread (0x[0-9a-f]+)", text, re.MULTILINE)
    if match is None:
        return None
    thread = int(match[1], 16)
    cause = text.partition("\n")[0]
    return _label_of(thread, running), f"{cause}\n{_traces(text).get(thread, '')}"


def _label_of(thread: int, running: list[RunningCall]) -> str | None:
    return next((call.label for call in running if call.thread == thread), None)


def _traces(text: str) -> dict[int, str]:
    """Return each thread's section of what Python's faulthandler writes."""
    section = re.compile(
        r"^(?:Current thread|Thread) (0x[0-9a-f]+).*\n((?:  .*(?:\n|\Z))*)", re.MULTILINE
    )
    return {int(match[1], 16): match[0].strip() for match in section.finditer(text)}

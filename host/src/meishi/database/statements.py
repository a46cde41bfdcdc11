"""Statements with values, on the driver itself: each is one trip, its change of role included."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import psycopg
from psycopg.abc import Transformer as TransformerProtocol
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ExecStatus, Format
from psycopg.pq.abc import PGresult

from meishi.database.identity import READER_SETTING, WORKSPACE_SETTING, Identity
from meishi.database.wire import check, give_up, one_trip, send

Rows = list[tuple[Any, ...]]

#: How often a statement is run before the server keeps its plan, and how many it keeps.
PREPARED_FROM = 3
MOST_PREPARED = 100

#: What makes another plugin's code run in another workspace, for another reader.
_ENTER = (
    f"SELECT set_config('role', $1, true), set_config('{WORKSPACE_SETTING}', $2, true),"
    f" set_config('{READER_SETTING}', $3, true)".encode(),
    (),
)
_VALUE = re.compile(r"%(?:(%)|\((\w+)\)s)?")


Key = tuple[bytes, tuple[int, ...]]


class Statements:
    """The statements that one connection runs, the frequent ones prepared."""

    def __init__(self) -> None:
        self._runs: OrderedDict[Key, int] = OrderedDict()
        self._names: OrderedDict[Key, bytes] = OrderedDict()
        self._made = 0

    def forget(self) -> None:
        """Note that the server keeps nothing any more."""
        self._names.clear()

    def run(
        self,
        driver: psycopg.Connection[Any],
        statement: str,
        values: Mapping[str, Any] | None,
        entering: Identity | None,
        ahead: list[str],
    ) -> Rows:
        """Run a statement and return its rows; as another role in another workspace from then on.

        What stands `ahead` goes out before both, and stays there if nothing goes out at all.
        `values` stand for `%(name)s`; without any, the statement goes out as it is.

        :raises psycopg.Error: as the server answers, or if a value is missing
        """
        text, names = (statement.encode(), ()) if values is None else _numbered(statement)
        transformer = Transformer(driver)
        dumped = _dumped(transformer, names, values)
        key = (text, transformer.types or ())
        self._make_room(driver)
        news: list[tuple[Key, bytes] | None] = []
        driver.pgconn.enter_pipeline_mode()
        try:
            for command in ahead:
                driver.pgconn.send_query_params(command.encode(), None)
                news.append(None)
            ahead.clear()
            if entering is not None:
                self._send_prepared(driver, _ENTER, _entering(entering), None, news)
            if self._is_frequent(key):
                self._send_prepared(driver, key, dumped, transformer.formats, news)
            else:
                driver.pgconn.send_query_params(text, dumped, key[1], transformer.formats)
                news.append(None)
        except BaseException:
            give_up(driver)
            raise
        answers = one_trip(driver)
        self._remember(news, answers)
        check(answers)
        if answers[-1].status != ExecStatus.TUPLES_OK:
            return []
        transformer.set_pgresult(answers[-1])
        return transformer.load_rows(0, answers[-1].ntuples, tuple)

    def _send_prepared(
        self,
        driver: psycopg.Connection[Any],
        key: Key,
        values: Sequence[Any],
        formats: Sequence[Format] | None,
        news: list[tuple[Key, bytes] | None],
    ) -> None:
        """Send a statement that the server keeps, with its text if it does not keep it yet.

        `news` gets an entry for each command: what it tells the server, or None.
        """
        name = self._names.get(key)
        if name is None:
            self._made += 1
            name = f"meishi_{self._made}".encode()
            driver.pgconn.send_prepare(name, *key)
            news.append((key, name))
        else:
            self._names.move_to_end(key)
        driver.pgconn.send_query_prepared(name, values, formats)
        news.append(None)

    def _remember(
        self, news: Sequence[tuple[Key, bytes] | None], answers: Sequence[PGresult]
    ) -> None:
        """Note what the server keeps from now on, whatever became of the rest of the trip."""
        for new, answer in zip(news, answers, strict=False):
            if new is not None and answer.status == ExecStatus.COMMAND_OK:
                self._names[new[0]] = new[1]
                self._runs.pop(new[0], None)

    def _is_frequent(self, key: Key) -> bool:
        """Count a run, and say whether it is worth that the server keeps the statement."""
        if key in self._names:
            return True
        runs = self._runs.pop(key, 0) + 1
        self._runs[key] = runs
        if len(self._runs) > MOST_PREPARED:
            self._runs.popitem(last=False)
        return runs >= PREPARED_FROM

    def _make_room(self, driver: psycopg.Connection[Any]) -> None:
        """Have the server forget what was not used for the longest time, where it keeps many."""
        while len(self._names) > MOST_PREPARED:
            send(driver, f"DEALLOCATE {self._names.popitem(last=False)[1].decode()}")


def _entering(identity: Identity) -> list[bytes]:
    role, workspace, reader = identity
    return [(role or "none").encode(), str(workspace or "").encode(), reader.encode()]


def _dumped(
    transformer: TransformerProtocol, names: Sequence[str], values: Mapping[str, Any] | None
) -> Sequence[Any]:
    """Return the values as the server reads them, in their order."""
    try:
        wanted = [values[name] for name in names] if values else []
    except KeyError as error:
        raise psycopg.ProgrammingError(f"a value is missing: {error}") from error
    return transformer.dump_sequence(wanted, [PyFormat.AUTO] * len(wanted))


@lru_cache(maxsize=1024)
def _numbered(statement: str) -> tuple[bytes, tuple[str, ...]]:
    """Return a statement whose values have numbers, and the values' names in their order."""
    numbers: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        if found[1]:
            return "%"
        if not found[2]:
            raise psycopg.ProgrammingError("write a value as %(name)s, and a percent sign as %%")
        return f"${numbers.setdefault(found[2], len(numbers) + 1)}"

    return _VALUE.sub(number, statement).encode(), tuple(numbers)

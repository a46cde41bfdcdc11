"""The application of a web process, which another one follows when plugins are elsewhere."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from flask import Flask

from meishi.errors import DatabaseUnavailable
from meishi.host import Host
from meishi.http.bare_problems import Wsgi, passing_problem
from meishi.http.problems import DATABASE_UNAVAILABLE, database_is_away
from meishi.logs import logger
from meishi.looking import TOLD
from meishi.moves.following import PlaceFollower
from meishi.remote.neighbours import Neighbours
from meishi.settings import Settings
from meishi.switches.following import SwitchFollower
from meishi.turns import Turns

#: Seconds for which requests in hand keep what they need of an application that was followed.
_IN_HAND = 60.0

#: Seconds until another attempt to build an application.
_PATIENCE = 1.0

#: Ends the process from whichever thread, as an exception does that reaches whoever started it.
_end_process = partial(os._exit, 1)

_away = passing_problem(*DATABASE_UNAVAILABLE, "Try again in a moment.")


class ServedApplication:
    """Answers with one application, until it is outdated and the next one is there.

    Requests in hand end with the application that they began with. Meanwhile what was moved answers
    that it is away; everything else goes on. While there is no first one because the database is
    away, 503 says so: who ended instead would be given up as broken. What waiting does not mend is
    raised, or calls `end` where it is found only once the database is there.
    """

    def __init__(
        self,
        make: Callable[[], Flask],
        settings: Settings,
        *,
        end: Callable[[], object] = _end_process,
    ) -> None:
        self._make = make
        self._end = end
        self._stop = threading.Event()
        self._followers: list[SwitchFollower | PlaceFollower] = []
        self._turns = Turns(settings.threads) if Neighbours(settings) else None
        self.current: Flask | None = None
        try:
            self.current = make()
        except Exception as error:
            if not _passes(error):
                raise
            _tell(error)
            threading.Thread(target=self._begin, daemon=True).start()
        else:
            self._follow(self.current)

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """Answer a request."""
        app: Wsgi = self.current or _away
        if self._turns is None:
            return app(environ, start_response)
        return self._turns.answer(app, environ, start_response)

    @property
    def host(self) -> Host:
        """The host of the application that answers now; only once there is one."""
        assert self.current is not None
        found: Host = self.current.extensions["meishi"]
        return found

    def stop(self) -> None:
        """End following what is switched and moved, and wait for that."""
        self._stop.set()
        for follower in tuple(self._followers):
            follower.stop()

    def _follow(self, app: Flask) -> None:
        host: Host = app.extensions["meishi"]
        switches = SwitchFollower(host.switches)
        places = PlaceFollower(host.places, partial(self._outdated, app, switches))
        self._followers += [switches, places]
        switches.start()
        places.start()

    def _begin(self) -> None:
        """Build the first application as soon as the database is there."""
        self._stop.wait(_PATIENCE)
        try:
            self.current = self._build(_passes)
        except Exception as error:  # noqa: BLE001 (whoever started the process has to hear of it)
            logger("error").error("application cannot be built", exc_info=error)
            self._end()
            return
        if self.current is not None:
            self._follow(self.current)

    def _outdated(self, old: Flask, switches: SwitchFollower) -> None:
        """Build the next application, and let it answer; runs in the thread that heard of it."""
        following = self._build(lambda _: True)
        if following is not None:
            self.current = following
            self._follow(following)
        switches.stop()
        host: Host = old.extensions["meishi"]
        self._stop.wait(_IN_HAND)
        host.close()

    def _build(self, passes: Callable[[Exception], bool]) -> Flask | None:
        """Return another application, attempted while what fails passes; None once all ends."""
        failures = 0
        while not self._stop.is_set():
            try:
                return self._make()
            except Exception as error:
                if not passes(error):
                    raise
                if failures % TOLD == 0:
                    _tell(error)
                failures += 1
                self._stop.wait(_PATIENCE)
        return None


def _passes(error: Exception) -> bool:
    """Whether there is nothing to do about it but to wait for the database."""
    return isinstance(error, DatabaseUnavailable) or database_is_away(error)


def _tell(error: Exception) -> None:
    reason = " ".join(str(error).split())
    logger("warning").warning("application not built", error=reason)

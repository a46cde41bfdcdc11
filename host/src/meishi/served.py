"""The application of a web process, which another one follows when plugins are elsewhere."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from flask import Flask

from meishi.host import Host
from meishi.logs import logger
from meishi.moves.following import PlaceFollower
from meishi.remote.neighbours import Neighbours
from meishi.switches.following import SwitchFollower
from meishi.turns import Turns

#: Seconds for which requests in hand keep what they need of an application that was followed.
_IN_HAND = 60.0

#: Seconds until another attempt to build an application.
_PATIENCE = 1.0


class ServedApplication:
    """Answers with one application, until it is outdated and the next one is there.

    Requests in hand end with the application that they began with. Meanwhile what was moved answers
    that it is away; everything else goes on.
    """

    def __init__(self, make: Callable[[], Flask]) -> None:
        self._make = make
        self._stop = threading.Event()
        self._followers: list[SwitchFollower | PlaceFollower] = []
        self.current = make()
        settings = self.host.settings
        self._turns = Turns(settings.threads) if Neighbours(settings) else None
        self._follow(self.current)

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """Answer a request."""
        if self._turns is None:
            return self.current(environ, start_response)
        return self._turns.answer(self.current, environ, start_response)

    @property
    def host(self) -> Host:
        """The host of the application that answers now."""
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

    def _outdated(self, old: Flask, switches: SwitchFollower) -> None:
        """Build the next application, and let it answer; runs in the thread that heard of it."""
        while not self._stop.is_set():
            try:
                self.current = self._make()
                break
            except Exception as error:  # noqa: BLE001 (the old one leaves the plugin alone)
                reason = " ".join(str(error).split())
                logger("warning").warning("application not built anew", error=reason)
                self._stop.wait(_PATIENCE)
        if self.current is not old:
            self._follow(self.current)
        switches.stop()
        host: Host = old.extensions["meishi"]
        self._stop.wait(_IN_HAND)
        host.close()

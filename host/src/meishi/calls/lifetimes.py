"""How long what a factory made is used: a service of the whole process is made once."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable


class MadeOnce:
    """Makes an object at the first call, outside of any unit of work, and returns it ever after.

    Of several threads one makes it, and the others wait; a factory that raises is called again.
    It runs in a context of its own: an object that lives on cannot keep the unit of work of the
    caller who happened to be the first.
    """

    def __init__(self, make: Callable[[], object]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: list[object] = []

    def __call__(self) -> object:
        """Return the object, made now if it is not yet."""
        if not self._made:
            with self._lock:
                if not self._made:
                    self._made.append(contextvars.Context().run(self._make))
        return self._made[0]

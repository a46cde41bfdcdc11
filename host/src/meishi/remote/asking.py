"""Asking a neighbour what runs there."""

from __future__ import annotations

from meishi.placement import Placement
from meishi.remote.line import Message, NoAnswer, Reply
from meishi.remote.plugins import PATH, ToldPlugins, read
from meishi.remote.way import Ways

#: Seconds that a neighbour has to answer.
_PATIENCE = 5

_OK, _STRANGER = 200, 401


class Refused(Exception):
    """The other side does not accept our token."""


def told_by(ways: Ways, placement: Placement) -> ToldPlugins:
    """Return what a neighbour tells of itself.

    :raises Refused: if it does not accept our token
    :raises NoAnswer: if it has no answer, or none that can be read
    """
    message = Message(method="GET", path=PATH, headers=())

    def judged(reply: Reply) -> ToldPlugins:
        if reply.status == _STRANGER:
            raise Refused
        if reply.status != _OK:
            reason = f"{placement.url} answered {reply.status}"
            raise NoAnswer(reason, happened=False, again=False)
        try:
            return read(reply.body)
        except ValueError as error:
            reason = f"{placement.url} gave what is no list of plugins: {error}"
            raise NoAnswer(reason, happened=False, again=False) from error

    return ways.line(placement).exchange(
        "plugins", message, judged, repeatable=False, seconds=_PATIENCE
    )

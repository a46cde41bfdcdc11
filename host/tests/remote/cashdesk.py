"""The cashdesk: its contract, and what it hears of the bakery, whose past it can read or not."""

from __future__ import annotations

CONTRACT = '''
from typing import Protocol
from uuid import UUID

from meishi.sdk.contract import command, query

from bakery.contract import SoldOut


class Cashdesk(Protocol):
    """The cashdesk's contract."""

    @query()
    def count(self) -> int:
        """Return how often it rang."""

    @query()
    def sold(self) -> int:
        """Return how much the bakery has sold."""

    @query()
    def customer(self) -> UUID | None:
        """Return who the bakery says is there."""

    @command(errors=(SoldOut,))
    def take(self, item: str) -> int:
        """Have the bakery sell something; return how many it has."""
'''

PLUGIN = """

from bakery.contract import Shelf
from cashdesk.contract import Cashdesk
from meishi.sdk.context import service


class Counted:
    def __init__(self, context):
        self.context = context

    def count(self):
        return 0

    def sold(self):
        return service(Shelf).count()

    def customer(self):
        return service(Shelf).told().user

    def take(self, item):
        return service(Shelf).sell(item).number


@hookimpl
def services():
    return [Service(Cashdesk, Counted)]
"""

EARS = '''
"""What was heard, and where the past was read from."""

HEARD, READ, TOLD = [], [], []


def on_sold(events):
    """Note what was sold."""
    HEARD.extend(event.item for event in events)


def told(events):
    """Note what was told, to nobody who could read the past."""
    TOLD.extend(event.item for event in events)


def past(place):
    """Read the past: it is one page."""
    READ.append(place)
    return None
'''

SUPPLIED = """

@hookimpl
def event_handlers():
    sales = Subscription(name="sales", replay=ReplayPolicy.IDEMPOTENT, backfill=ears.past)
    bell = Subscription(name="bell", replay=ReplayPolicy.IDEMPOTENT)
    return [
        on(Sold, ears.on_sold, subscription=sales),
        on(Sold, ears.told, subscription=bell),
    ]
"""

IMPORTS = """
from bakery.contract import Sold
from cashdesk import ears
from meishi.sdk.plugin import ReplayPolicy, Subscription, on
"""

FILES = {"ears.py": EARS}

EVENTS = {"consumes": ["bakery.sold.v1"]}

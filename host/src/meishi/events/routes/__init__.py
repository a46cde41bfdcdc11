"""The web API of the event log: the feed for all, and for operators what `meishi events` does."""

from meishi.events.routes import alarms, catalogue, decisions, feed, parked, subscriptions
from meishi.events.routes.blueprint import blueprint

__all__ = ["alarms", "blueprint", "catalogue", "decisions", "feed", "parked", "subscriptions"]

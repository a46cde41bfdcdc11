"""Where the routes of the social graph are gathered."""

from meishi.sdk.http import Blueprint

blueprint = Blueprint("graph", description="Ties between contacts, and what they tell")

"""Where the routes of the contact service are gathered."""

from meishi.sdk.http import Blueprint

blueprint = Blueprint("contacts", description="People and organisations")

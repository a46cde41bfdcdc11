"""Where the routes of the enrichment service are gathered."""

from meishi.sdk.http import Blueprint

blueprint = Blueprint("enrichment", description="What else is known about contacts")

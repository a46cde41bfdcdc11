"""Where the routes of identity are gathered."""

from __future__ import annotations

from meishi.sdk.http import Blueprint

blueprint = Blueprint("identity", description="The workspace, its people, and their API tokens")

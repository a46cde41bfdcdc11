"""What any part of the host refuses: rights that are missing, and modules that are off."""

from __future__ import annotations

from meishi.sdk.contract import DomainError


class Forbidden(DomainError):
    """Who makes the request may not do this."""

    code = "forbidden"
    title = "Not allowed"
    status = 403


class PluginDisabled(DomainError):
    """The module behind this address is not active."""

    code = "plugin-disabled"
    title = "Module not active"
    status = 404

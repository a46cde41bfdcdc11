"""Writing into the audit what is no request: what commands, jobs and events have done."""

from __future__ import annotations

from meishi.audit.entry import Resource
from meishi.audit.noting import note

__all__ = ["Resource", "note"]

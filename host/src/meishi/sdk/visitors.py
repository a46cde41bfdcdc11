"""Visitors of public pages, told apart for a day without keeping who they are."""

from __future__ import annotations

from meishi.http.visitors import visitor_of_today

__all__ = ["visitor_of_today"]

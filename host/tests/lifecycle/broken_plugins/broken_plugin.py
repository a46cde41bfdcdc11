"""An entry of the catalogue: a plugin with one thing wrong, and what an operator reads of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: What the code of every entry may use without importing it.
PREAMBLE = """
import sys, threading, time
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID
import click
from flask.views import MethodView
from marshmallow import Schema, fields
from sqlalchemy import Column, ForeignKey, MetaData, Table, Text
from meishi.sdk.contract import DomainError, Event, command, query
from meishi.sdk.database import plugin_metadata
from meishi.sdk.http import Blueprint
from meishi.sdk.plugin import *
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenPlugin:
    """A plugin named `notes` that must not run.

    `plugin` is what its `plugin.py` holds behind the preamble, `manifest` what its `plugin.toml`
    says beside the usual; `others` are further packages by name, each with such a manifest and,
    under `plugin`, its code; `variables` are those of the environment.
    """

    what: str
    reason: str
    state: str = "broken"
    plugin: str = ""
    manifest: Mapping[str, Any] = field(default_factory=dict)
    others: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)

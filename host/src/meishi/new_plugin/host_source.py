"""Where the running host was installed from, in words that pip understands."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from importlib.metadata import distribution
from typing import Any
from urllib.parse import unquote, urlsplit

from packaging.version import Version

from meishi import __version__


def host_range() -> str:
    """Return the versions that a plugin written for this host asks for."""
    version = Version(__version__)
    return f">={version.major}.{version.minor},<{version.major + 1}"


def host_source() -> str:
    """Return what `pip install` needs to get this host again; empty if its name is enough."""
    record = distribution("meishi").read_text("direct_url.json")
    return "" if record is None else source_in(json.loads(record))


def source_in(record: Mapping[str, Any]) -> str:
    """Return what a record of an installation (PEP 610) comes to on pip's command line."""
    url = str(record["url"])
    if "vcs_info" in record:
        version = record["vcs_info"]
        return shlex.quote(f"meishi @ {version['vcs']}+{url}@{version['commit_id']}")
    place = shlex.quote(_path(url) if url.startswith("file:") else url)
    return f"--editable {place}" if record.get("dir_info", {}).get("editable") else place


def _path(url: str) -> str:
    return unquote(urlsplit(url).path)

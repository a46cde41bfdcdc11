"""Where the running host was installed from, in words that pip understands."""

from __future__ import annotations

import json
import shlex
from importlib.metadata import distribution
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
    if record is None:
        return ""
    source = json.loads(record)
    url = str(source["url"])
    if source.get("dir_info", {}).get("editable"):
        return f"--editable {shlex.quote(_path(url))}"
    if "vcs_info" in source:
        return shlex.quote(f"meishi @ {source['vcs_info']['vcs']}+{url}@{_commit(source)}")
    return shlex.quote(_path(url) if url.startswith("file:") else url)


def _path(url: str) -> str:
    return unquote(urlsplit(url).path)


def _commit(source: dict[str, dict[str, str]]) -> str:
    return source["vcs_info"]["commit_id"]

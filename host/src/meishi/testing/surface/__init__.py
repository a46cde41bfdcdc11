"""What others rely on, written down: names of Python and the web API, and how they change.

`python -m meishi.testing.surface [PACKAGE ...]` holds the code against what was written down last,
with one line per change; `--record` writes it down anew. No package is imported to read its names.
"""

from meishi.testing.surface.changes import Change
from meishi.testing.surface.names import name_changes, public_names
from meishi.testing.surface.web import web_changes, web_document

__all__ = ["Change", "name_changes", "public_names", "web_changes", "web_document"]

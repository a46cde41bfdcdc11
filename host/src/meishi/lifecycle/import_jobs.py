"""How the jobs of an importer are called, among those of its plugin."""

from __future__ import annotations

from meishi.declarations import Importer


def preview_job(importer: Importer) -> str:
    """Return the name of the job that looks into a file."""
    return f"preview-{importer.name}"


def run_job(importer: Importer) -> str:
    """Return the name of the job that takes in what a file holds."""
    return f"import-{importer.name}"

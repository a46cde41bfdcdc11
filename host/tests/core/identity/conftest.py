"""People, on a deployment whose mails go into a folder."""

from __future__ import annotations

import pytest

from meishi.host import Host
from meishi.testing.jobs import JobRuns

from .people import People


@pytest.fixture
def people(host: Host, run_jobs: JobRuns) -> People:
    """People who use the deployment under test."""
    found = People(host, run_jobs)
    found.mails()
    return found

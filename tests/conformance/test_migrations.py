"""Every plugin's revisions go up, down and up again, and end at its models."""

from __future__ import annotations

from meishi.database.migrations import MigrationRunner
from meishi.database.roles import RoleNames
from meishi.lifecycle.contribution import Contribution
from meishi.lifecycle.installation import migrated
from meishi.testing.databases import TestDatabases


def test_revisions_go_up_and_down_and_up(
    meishi_databases: TestDatabases, contributions: list[Contribution]
) -> None:
    """A downgrade takes everything back that the upgrade made; models and tables agree."""
    subjects = [subject for item in contributions if (subject := migrated(item)) is not None]
    assert subjects
    with meishi_databases.empty() as location:
        runner = MigrationRunner(
            location.administrator_url(), location.runtime_url, RoleNames("test")
        )
        try:
            for subject in subjects:
                up = runner.upgrade(subject)
                assert up, subject.name
                assert runner.differences(subject) == [], subject.name
                assert runner.downgrade(subject) == up[::-1], subject.name
                assert runner.upgrade(subject) == up, subject.name
                assert runner.upgrade(subject) == [], subject.name
                assert runner.differences(subject) == [], subject.name
        finally:
            runner.close()

"""Sending mails: with the commit, until they are taken, and gone after that."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import psycopg
import pytest

from meishi.database.location import Location
from meishi.host import Host
from meishi.mails.jobs import KEPT_DAYS
from meishi.sdk import mails
from meishi.testing.jobs import JobRuns

from .conftest import MAIL, Sender, read, text_of
from .post_office import PostOffice


def test_a_mail_is_sent_after_the_commit_and_gone_then(
    sender: Sender, office: PostOffice, run_jobs: JobRuns
) -> None:
    """From the configured address, under the name that it got when it was asked for."""
    mail_id = sender.send()
    assert office.taken == []
    assert sender.rows("SELECT id, kind FROM meishi_mails.mail") == [
        (mail_id, "identity.invitation")
    ]
    (made,) = run_jobs()
    assert (made.job, made.fate, made.workspace, made.operation) == (
        "meishi_mails.deliver", "succeeded", None, None,
    )  # fmt: skip
    (taken,) = office.taken
    assert (taken.sender, taken.to) == ("cards@example.org", "ada@example.com")
    message = read(taken.message)
    assert (message["From"], message["To"]) == (
        "Meishi <cards@example.org>", "Ada <ada@example.com>",
    )  # fmt: skip
    assert message["Message-ID"] == f"<{mail_id}@example.org>"
    assert text_of(message) == "Come in.\n"
    assert sender.rows() == []


def test_what_is_rolled_back_is_never_sent(
    sender: Sender, office: PostOffice, run_jobs: JobRuns
) -> None:
    """Neither a mail nor a job is left."""

    def ask_and_fail() -> None:
        with sender.host.scope(workspace=sender.workspace, plugin="identity"):
            mails.send(**MAIL)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ask_and_fail()
    assert (run_jobs(), sender.rows(), office.taken) == ([], [], [])


def test_no_workspace_is_needed(sender: Sender, office: PostOffice, run_jobs: JobRuns) -> None:
    """Who has forgotten a password is not signed in anywhere."""
    with sender.host.scope(plugin="identity"):
        mails.send(**MAIL)
    run_jobs()
    assert len(office.taken) == 1


def test_what_is_not_taken_now_is_tried_again_under_the_same_name(
    sender: Sender, office: PostOffice, run_jobs: JobRuns
) -> None:
    """Each attempt is the same message, date included."""
    tries = iter(["451 later", "451 later", "250 taken"])
    office.acts["DATA"] = lambda: office.answers.update({".": next(tries)})
    sender.send()
    runs = run_jobs(failures=True)
    assert [run.fate for run in runs] == ["again", "again", "succeeded"]
    assert "MailDelayed" in runs[0].error
    assert len(office.taken) == 1


def test_a_server_that_is_down_loses_nothing(
    sender: Sender, office: PostOffice, run_jobs: JobRuns, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mail waits until it is up again, even if its attempts are used up meanwhile."""
    mailer = sender.host.mailer
    sender.use(monkeypatch, mail_url="smtp+plain://127.0.0.1:1", mail_from="cards@example.org")
    mail_id = sender.send()
    assert run_jobs(failures=True)[-1].fate == "failed"
    assert sender.rows() == [(mail_id,)]
    monkeypatch.setattr(sender.host, "mailer", mailer)
    retry_last(sender.host)
    assert [run.fate for run in run_jobs()] == ["succeeded"]
    assert len(office.taken) == 1


def test_what_is_refused_for_good_is_tried_once_and_shown(
    sender: Sender, office: PostOffice, run_jobs: JobRuns
) -> None:
    """Operators read what the server said, and not to whom it said so."""
    office.answers["RCPT"] = "550 5.1.1 <ada@example.com> is unknown"
    sender.send()
    (made,) = run_jobs(failures=True)
    assert (made.fate, made.attempt) == ("failed", 1)
    assert "MailRefused: The mail server refuses the mail: 550 5.1.1 <(recipient)>" in made.error
    assert "ada@example.com" not in made.error


def test_nothing_else_knows_what_a_mail_says(
    sender: Sender, run_jobs: JobRuns, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither the queue nor the log of events nor that of the process, even of one that failed."""
    secrets = {"to": "zelda@example.com", "name": "Zelda", "subject": "Zebra", "text": "Zephyr"}
    sender.send(**secrets)
    run_jobs()
    told = [capsys.readouterr().err]
    for plugin, table in (
        ("meishi_jobs", "meishi_jobs.procrastinate_jobs"),
        ("meishi_events", "meishi_events.event"),
    ):
        with sender.host.within(plugin) as scope:
            query = f"SELECT to_jsonb(t)::text FROM {table} AS t"
            told += [row[0] for row in scope.work.execute(query)]
    assert "meishi_mails.deliver" in str(told)
    assert not [secret for secret in secrets.values() if secret.lower() in str(told).lower()]


def test_a_job_whose_mail_was_sent_by_another_does_nothing(
    sender: Sender, office: PostOffice, run_jobs: JobRuns
) -> None:
    """An attempt that comes late finds the mail gone."""
    sender.send()
    sender.rows("DELETE FROM meishi_mails.mail RETURNING id")
    assert [run.fate for run in run_jobs()] == ["succeeded"]
    assert office.taken == []


def test_no_transaction_is_open_while_the_server_thinks(
    sender: Sender, office: PostOffice, run_jobs: JobRuns, database: Location
) -> None:
    """The database ends those that ask for nothing, and the mail would be sent again."""
    idle = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND state LIKE 'idle in transaction%' AND pid <> pg_backend_pid()"
    )
    seen: list[Any] = []
    sender.send()
    with psycopg.connect(database.administrator_url(), autocommit=True) as admin:
        office.acts["DATA"] = lambda: seen.append(admin.execute(idle).fetchall())
        run_jobs()
    assert seen == [[(0,)]]


def test_what_nobody_took_is_forgotten(sender: Sender, run_jobs: JobRuns) -> None:
    """After a while nobody waits for it any more; younger ones stay."""
    old, young = sender.send(), sender.send()
    age = f"UPDATE meishi_mails.mail SET asked_at = asked_at - interval '{KEPT_DAYS} days'"
    sender.rows(f"{age} WHERE id = '{old}' RETURNING id")
    forget(sender.host)
    assert sender.rows() == [(young,)]
    del run_jobs


@pytest.mark.parametrize(
    ("field", "value"),
    [("to", "nobody"), ("subject", "a\r\nBcc: eve@example.com"), ("kind", "Reset for Ada")],
)
def test_what_cannot_be_sent_is_refused_when_it_is_asked(
    sender: Sender, field: str, value: str
) -> None:
    """The caller gets the error, and nothing waits."""
    with pytest.raises(mails.InvalidMail):
        sender.send(**{field: value})
    assert sender.rows() == []


def test_without_a_server_a_mail_is_a_file_of_its_own(
    unposted: Sender, folder: Path, run_jobs: JobRuns, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whole, for its owner only, and the log says where."""
    mail_id = unposted.send(to="åsa@example.com", subject="Grüße")
    run_jobs()
    (file,) = folder.iterdir()
    assert file.name.endswith(f"-{mail_id}.eml")
    assert (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(folder.stat().st_mode)) == (
        0o600, 0o700,
    )  # fmt: skip
    assert read(file.read_bytes())["Subject"] == "Grüße"
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["file"] for line in lines if line["event"] == "mail written"] == [str(file)]
    assert unposted.rows() == []


def test_a_folder_that_cannot_be_written_to_loses_nothing(
    unposted: Sender, folder: Path, run_jobs: JobRuns
) -> None:
    """The mail waits as it does for a server."""
    folder.write_text("in the way")
    mail_id = unposted.send()
    assert "cannot be written to" in run_jobs(failures=True)[0].error
    assert unposted.rows() == [(mail_id,)]


def retry_last(host: Host) -> None:
    """Do what an operator does about the newest job."""
    from meishi.jobs.operations import DB_SCHEMA, JobFilter, list_jobs, retry_job

    with host.scope(plugin=DB_SCHEMA):
        retry_job(list_jobs(JobFilter()).items[0].id)


def forget(host: Host) -> None:
    """Do what comes by itself at night."""
    from meishi.mails.jobs import forget_unsent
    from meishi.mails.models import DB_SCHEMA

    with host.within(DB_SCHEMA):
        forget_unsent()

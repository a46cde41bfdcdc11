"""Work that is slow, external or scheduled, done by a worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from meishi.declarations.retry import RetryPolicy


class JobScope(StrEnum):
    """Where a job runs: in a workspace, a scheduled one in each that has the plugin; or in none."""

    WORKSPACE = "workspace"
    DEPLOYMENT = "deployment"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobProgress:
    """How far work has come that is to go on: `done` of `total`, counted in `unit`.

    `total` is None as long as nobody knows.
    """

    done: int
    total: int | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult:
    """What work that is done came to: callers read the `value` as JSON."""

    value: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Work to do later, as the plugin's code, in units of work.

    `name` is unique within the plugin and stays for good: waiting jobs are remembered under it.
    `run` takes keyword arguments that may cross a contract; a scheduled job has none. It is one
    step in one unit of work: a step that returns `JobProgress` is committed together with how far
    it came, and the next one follows, until one returns a `JobResult`, or None. Between two steps
    work can be cancelled; after a crash it goes on with the step that was not committed.

    `schedule` is a cron text of five fields in UTC (`15 3 * * 1`: Mondays at 3:15), None for a job
    that is requested only; `scope` says where it runs. `queue` names who takes it:
    workers can be told to serve some queues only. Of the jobs in a queue those of the highest
    `priority` come first, -100 to 100. `key` names an argument: jobs with one value of it run one
    at a time, in the order of their requests. A step that takes longer than `limit_seconds` is
    ended and counts as failed; `retry` says what comes then.
    """

    name: str
    run: Callable[..., JobProgress | JobResult | None]
    schedule: str | None = None
    scope: JobScope = JobScope.WORKSPACE
    queue: str = "default"
    priority: int = 0
    key: str | None = None
    limit_seconds: float = 300.0
    retry: RetryPolicy = field(default_factory=RetryPolicy)

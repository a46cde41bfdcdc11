"""Token buckets that all processes share, in the database."""

from __future__ import annotations

from itertools import count

from meishi.host import Host
from meishi.http.limits.buckets import Level, Quota, level

#: The part of the host whose table it is.
REQUESTS = "meishi_requests"

#: After how many requests the buckets that are full are deleted.
_SWEEP_EVERY = 1_000
_SWEPT = 10_000

#: A bucket that is empty is left as it is, and gives no row.
_TAKE = """
INSERT INTO meishi_requests.bucket AS b (holder, full_at)
VALUES (%(holder)s, %(now)s::bigint + %(interval)s::bigint)
ON CONFLICT (holder) DO UPDATE
SET full_at = greatest(b.full_at, %(now)s::bigint) + %(interval)s::bigint
WHERE greatest(b.full_at, %(now)s::bigint) + %(interval)s::bigint
      <= %(now)s::bigint + %(size)s::bigint
RETURNING full_at
"""
_READ = "SELECT full_at FROM meishi_requests.bucket WHERE holder = %(holder)s"
_SWEEP = """
DELETE FROM meishi_requests.bucket WHERE holder IN (
    SELECT holder FROM meishi_requests.bucket WHERE full_at <= %(now)s ORDER BY full_at
    LIMIT %(most)s FOR UPDATE SKIP LOCKED)
"""


class StoredBuckets:
    """Buckets in the database; each request is counted in a transaction of its own.

    So what a request took stays taken when its own work is undone.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._taken = count(1)

    def take(self, holder: str, quota: Quota, now: int) -> Level:
        """Take one request out of a holder's bucket, or nothing if it is empty."""
        values = {"holder": holder, "now": now, "interval": quota.interval, "size": quota.size}
        with self._host.within(REQUESTS) as scope:
            taken = scope.work.execute(_TAKE, values)
            found = taken or scope.work.execute(_READ, {"holder": holder})
            if next(self._taken) % _SWEEP_EVERY == 0:
                scope.work.execute(_SWEEP, {"now": now, "most": _SWEPT})
        # One that is gone by now was full when it went: there is no wait, but the next second.
        full_at = found[0][0] if found else now + quota.size
        return level(quota, full_at, now, granted=bool(taken))

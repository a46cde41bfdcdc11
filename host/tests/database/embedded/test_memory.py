"""How much memory the server is given."""

from pathlib import Path

import psycopg
import pytest

from meishi.database.embedded import EmbeddedPostgres
from meishi.database.embedded.memory import available, shared_buffers

pytestmark = pytest.mark.no_calls


@pytest.mark.parametrize(
    ("gibibytes", "setting"),
    [(0, "128MB"), (1, "128MB"), (2, "128MB"), (4, "256MB"), (16, "1024MB"), (512, "1024MB")],
)
def test_pages_have_a_share_of_the_memory_within_bounds(gibibytes: int, setting: str) -> None:
    """Small machines keep what the server needs, large ones what their system needs for files."""
    assert shared_buffers(gibibytes << 30) == setting


@pytest.mark.parametrize(
    ("own", "file"),
    [
        ("0::/", "memory.max"),
        ("0::/system.slice/meishi.service", "system.slice/meishi.service/memory.max"),
        ("0::/system.slice/meishi.service", "system.slice/memory.max"),
        ("4:memory:/docker/1234\n0::/", "memory/memory.limit_in_bytes"),
        ("9:cpu,memory:/a.service\n1:cpu:/", "memory/a.service/memory.limit_in_bytes"),
    ],
)
def test_a_control_group_counts_by_what_it_may_use(tmp_path: Path, own: str, file: str) -> None:
    """Where nothing is said, or more than there is, the memory of the machine counts."""
    groups, membership = tmp_path / "groups", tmp_path / "own"
    physical = available(groups, membership)
    assert physical > 0
    membership.write_text(f"{own}\n")
    assert available(groups, membership) == physical
    limit = groups / file
    limit.parent.mkdir(parents=True)
    for written, expected in (
        ("max\n", physical),
        ("1048576\n", 1 << 20),
        (f"{1 << 60}", physical),
    ):
        limit.write_text(written)
        assert available(groups, membership) == expected


def test_the_server_has_its_share(home: Path) -> None:
    """One that keeps its data is given what the machine has for it."""
    with EmbeddedPostgres(home) as server, psycopg.connect(server.admin_url) as connection:
        row = connection.execute(
            "SELECT pg_size_bytes(current_setting('shared_buffers')) = pg_size_bytes(%s)",
            (shared_buffers(available()),),
        ).fetchone()
    assert row == (True,)

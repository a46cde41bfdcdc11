"""How a whole run is set up: where its files are, in how many processes, in which call mode."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest

from meishi.testing.modes import SPLIT

_MEMORY = Path("/dev/shm")  # noqa: S108 (pytest makes a folder of its own in it)
_NEEDED_BYTES = 4 * 1024**3
_MOST_WORKERS = 8
#: The usual 700 is right for programs that do not make an application every few seconds.
_OBJECTS_UNTIL_COLLECTED = 50_000
_CALLS = "MEISHI_CALLS"
_MARKER = "no_calls"
_APPLICATIONS = frozenset({"app", "meishi_app"})
#: The machinery around plugins. What is called there founds the workspace of a test, or goes over
#: the wire, which encodes in every mode: with another way of calling all would be the same.
_MACHINERY = (
    "host/tests/database",
    "host/tests/lifecycle",
    "host/tests/mails",
    "host/tests/pressure",
    "host/tests/remote",
    "host/tests/test_settings.py",
    "host/tests/test_signing.py",
    "tests/conformance/test_installed_plugins.py",
)
#: What runs leave out in which something else is between plugins.
_LEFT_OUT = (_MARKER, "once")


def pytest_configure() -> None:
    """Keep the run's files in memory where there is room, and let no test depend on speed or luck.

    Each database is 300 files; on a disk, making these took more time than all else. Laws are tried
    with the same examples each time, so that who finds one broken has broken it: the profile
    `searching` looks for others.
    """
    from hypothesis import HealthCheck, settings

    # What follows events is waited for, beside other tests.
    os.environ.setdefault("MEISHI_WORKER_NICENESS", "0")
    if _is_roomy():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_MEMORY))
    settings.register_profile(
        "searching",
        settings.get_profile("default"),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    settings.register_profile(
        "repeating", settings.get_profile("searching"), derandomize=True, database=None
    )
    settings.load_profile("repeating")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Have the garbage collector look more rarely, and never again at what is there by then.

    While tests are collected hardly anything is dropped: these are modules and tests, a million
    objects that stay until the end. To look at them each time that some application was built took
    a fifth of the processors' time.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.set_threshold(_OBJECTS_UNTIL_COLLECTED)
        gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return one more than there are processors, because many tests wait for processes.

    Where plugins are services with faults in between, tests wait for most of their time.
    """
    processors = len(os.sched_getaffinity(0))
    waiting = processors + 1 if os.environ.get(_CALLS) == SPLIT else 1
    return min(processors + waiting, _MOST_WORKERS)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what another way of calling cannot change, when the run is about that.

    What takes long is begun first.
    """
    if os.environ.get(_CALLS) in {"codec", SPLIT}:
        left_out = [item for item in items if _is_left_out(item)]
        items[:] = [item for item in items if not _is_left_out(item)]
        config.hook.pytest_deselected(items=left_out)
    # Else those processes that have nothing left would wait for one of these at the end.
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def _is_left_out(item: pytest.Item) -> bool:
    file = item.path.relative_to(item.config.rootpath).as_posix()
    return file.startswith(_MACHINERY) or any(map(item.get_closest_marker, _LEFT_OUT))


@pytest.fixture(autouse=True)
def _kept_to_its_word(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is marked can neither use an application nor load settings, here or elsewhere."""
    if request.node.get_closest_marker(_MARKER):
        assert _APPLICATIONS.isdisjoint(request.fixturenames), f"it is marked {_MARKER}"
        monkeypatch.setenv(_CALLS, f"refused, because the test is marked {_MARKER}")


def _is_roomy() -> bool:
    """Whether programs can be run there, as some tests do, and many databases find room."""
    if not os.access(_MEMORY, os.W_OK) or os.statvfs(_MEMORY).f_flag & os.ST_NOEXEC:
        return False
    return shutil.disk_usage(_MEMORY).free > _NEEDED_BYTES

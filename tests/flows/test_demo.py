"""`meishi demo`: the main job from an address book to a code that can be scanned."""

from __future__ import annotations

import json
import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.processes import PATIENCE, free_port, processes_of, start, wait_until, wait_until_gone

pytestmark = [pytest.mark.once, pytest.mark.long]

SAMPLE = Path(__file__).parents[2] / "host/src/meishi/demo/address_book.vcf"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A data folder after which nothing may run any more."""
    yield tmp_path / "home"
    wait_until_gone(tmp_path)


def test_once_prints_one_document_with_true_numbers(home: Path, tmp_path: Path) -> None:
    """Stdout is one JSON line, its arithmetic holds, and the temporary folder is gone."""
    demo = start("demo", "--once", "--json", home=home, TMPDIR=str(tmp_path))
    output, errors = demo.communicate(timeout=PATIENCE)
    assert demo.returncode == 0, errors
    assert output.count("\n") == 1
    result = json.loads(output)
    cards = len(re.findall(rb"(?im)^\s*BEGIN:VCARD", SAMPLE.read_bytes()))
    assert result["cards"] == cards >= 150
    assert result["imported"] + result["rejected"] == result["cards"]
    assert result["contacts"] == result["imported"] - result["duplicates"]
    assert min(result["rejected"], result["duplicates"]) > 0
    assert result["code_decodes"] is True
    assert result["contacts"] > 200
    assert result["relationships"] > 200
    assert result["api_status"] == 200
    assert result["landing_status"] == 200
    assert result["search_hits"] > 0
    assert {"crm_enrichment.email", "crm_enrichment.phone"} < set(result["proposals"])
    assert result["ties"] > 400
    assert result["communities"] > 3
    assert 0.3 < result["modularity"] < 1
    assert len(result["introduction"]) > 2
    assert result["rewards"] >= result["conversions"] > 0
    assert 0 < result["k"]["low"] <= result["k"]["value"] <= result["k"]["high"]
    funnel = [result["funnel"][step] for step in ("scans", "saves", "exchanges", "conversions")]
    assert funnel == sorted(funnel, reverse=True)
    assert funnel[-1] > 0
    assert not list(tmp_path.glob("meishi-demo-*"))


def test_a_killed_demo_leaves_no_process(home: Path, tmp_path: Path) -> None:
    """After SIGKILL in the middle, server and database end by themselves."""
    demo = start("demo", "--once", home=home, TMPDIR=str(tmp_path))
    wait_until(lambda: len(processes_of(tmp_path)) > 3, "server and database run")
    demo.kill()
    demo.communicate(timeout=PATIENCE)


@pytest.mark.parametrize(
    ("how", "moment"),
    [
        (signal.SIGINT, "the folder is there"),
        (signal.SIGTERM, "the server is loading"),
        (signal.SIGHUP, "the database is being made"),
        (signal.SIGQUIT, "the database runs"),
    ],
)
def test_a_signal_at_any_moment_leaves_nothing(
    home: Path, tmp_path: Path, how: signal.Signals, moment: str
) -> None:
    """One line, no traceback, no process and no temporary folder."""
    reached = {
        "the folder is there": "meishi-demo-*",
        "the server is loading": "meishi-demo-*/serve.log",
        "the database is being made": "meishi-demo-*/postgres/lock",
        "the database runs": "meishi-demo-*/postgres/data",
    }[moment]
    demo = start("demo", "--once", home=home, TMPDIR=str(tmp_path))
    wait_until(lambda: bool(list(tmp_path.glob(reached))), moment, every=0.001)
    demo.send_signal(how)
    _, errors = demo.communicate(timeout=PATIENCE)
    # Python itself ends by SIGINT where the interrupted code was run by `exec`.
    assert demo.returncode in {130, -signal.SIGINT}
    assert errors.strip() == "Stopped."
    assert not list(tmp_path.glob("meishi-demo-*"))
    wait_until_gone(tmp_path)


def test_the_demo_says_which_plugins_it_needs(home: Path, tmp_path: Path) -> None:
    """Where one of them does not run, that is the one line."""
    demo = start("demo", "--once", home=home, TMPDIR=str(tmp_path), MEISHI_PLUGINS="crm_contacts")
    _, errors = demo.communicate(timeout=PATIENCE)
    assert demo.returncode == 1
    assert errors.splitlines()[0].startswith(
        "Error: The demo needs the plugin crm_enrichment, which is "
    )
    assert len(errors.splitlines()) == 2
    assert not list(tmp_path.glob("meishi-demo-*"))


def test_addresses_of_the_sixth_version_stand_in_brackets(home: Path, tmp_path: Path) -> None:
    """The printed address works in a browser."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("there is no IPv6 here")
    demo = start("demo", "--once", home=home, TMPDIR=str(tmp_path), MEISHI_HOST="::1")
    output, errors = demo.communicate(timeout=PATIENCE)
    assert demo.returncode == 0, errors
    assert re.search(r"^API: http://\[::1\]:\d+/api/openapi.json$", output, re.MULTILINE)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.vcf", None, "cannot be read"),
        ("empty.vcf", b"", "The address book is empty."),
        ("noise.vcf", bytes(range(256)) * 50, "no card"),
    ],
)
def test_a_file_without_cards_is_said_in_one_line(
    home: Path, tmp_path: Path, name: str, content: bytes | None, message: str
) -> None:
    """What is no address book ends the demo with one line and an exit code."""
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    demo = start("demo", "--once", "--json", "--file", str(file), home=home)
    output, errors = demo.communicate(timeout=PATIENCE)
    assert demo.returncode == 1
    assert output == ""
    assert message.lower() in errors.lower()
    assert "Traceback" not in errors


def test_a_second_run_goes_on_where_the_first_ended(home: Path) -> None:
    """Without --once the demo stays, keeps others out of its folder, and continues later."""
    port = free_port()
    first = start("demo", "--json", "--port", str(port), home=home)
    assert first.stdout is not None
    before = json.loads(first.stdout.readline())
    intruder = start("demo", "--port", str(free_port()), home=home)
    _, errors = intruder.communicate(timeout=PATIENCE)
    assert intruder.returncode == 1
    assert "running already" in errors
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=PATIENCE)
    again = start("demo", "--json", "--port", str(port), home=home)
    assert again.stdout is not None
    after = json.loads(again.stdout.readline())
    again.send_signal(signal.SIGTERM)
    again.communicate(timeout=PATIENCE)
    # The visitors left their cards once contacts had been counted.
    assert after["contacts"] == before["contacts"] + before["funnel"]["exchanges"]
    assert after["duplicates"] == after["imported"]

"""What `make wheels` builds is whole: it runs where nothing else of this repository is."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tomllib
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from tests.flows.wheels import ROOT, build_members, environment_of
from tests.processes import PATIENCE, ended, free_port, is_healthy, wait_until, wait_until_gone

MEMBERS = [ROOT / "host", *sorted(file.parent for file in ROOT.glob("plugins/*/pyproject.toml"))]
#: What stands beside the modules and is read when they run.
CARRIED = {".css", ".csv", ".html", ".in", ".mako", ".po", ".toml", ".typed", ".vcf"}

pytestmark = [
    pytest.mark.long,
    pytest.mark.no_calls,
    pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here"),
]


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheels of all members, by the names of their packages."""
    folder = tmp_path_factory.mktemp("wheels")
    return {_package(file): file for file in build_members(folder)}


@pytest.fixture(scope="module")
def installed(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with these wheels."""
    return environment_of(wheels.values(), tmp_path_factory.mktemp("installed"))


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A data folder after which nothing may run any more."""
    yield tmp_path / "home"
    wait_until_gone(tmp_path / "home")


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.name)
def test_a_wheel_holds_its_package_and_nothing_else(wheels: dict[str, Path], member: Path) -> None:
    """Modules, templates, texts, revisions, manifests as in `src`, and what is built."""
    (source,) = (folder for folder in (member / "src").iterdir() if (folder / "py.typed").exists())
    names = set(ZipFile(wheels[source.name]).namelist())
    expected = {
        file.relative_to(member / "src").as_posix()
        for file in source.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts and "static" not in file.parts
    }
    built = {name for name in names if name.startswith("meishi/web/static/")}
    about = {name for name in names if name.split("/")[0].endswith(".dist-info")}
    assert names - built - about == expected
    assert {Path(name).suffix for name in expected} <= {*CARRIED, ".py"}
    assert {f"{source.name}/py.typed"} <= names


def test_the_host_carries_what_pages_load(wheels: dict[str, Path]) -> None:
    """Scripts and styles are there, compressed too, and so are the icons; no sources of them."""
    names = ZipFile(wheels["meishi"]).namelist()
    static = [name.removeprefix("meishi/web/static/") for name in names if "/static/" in name]
    assert {"icons.json", "manifest.json"} <= {*static}
    suffixes = {"".join(Path(name).suffixes) for name in static if name.startswith("assets/")}
    assert {".js", ".css", ".js.gz", ".css.gz"} <= suffixes
    own = [name for name in names if not name.startswith("meishi/new_plugin/template/")]
    assert not [name for name in own if "node_modules" in name or "/tests/" in name]


def test_a_wheel_has_the_version_of_its_member(wheels: dict[str, Path]) -> None:
    """The manifest says which version a plugin is, and so does the name of the file."""
    for package, wheel in wheels.items():
        with ZipFile(wheel) as file:
            manifest = f"{package}/plugin.toml"
            if manifest in file.namelist():
                version = tomllib.loads(file.read(manifest).decode())["version"]
                assert wheel.name.split("-")[1] == version


def test_what_is_installed_serves(installed: Path, home: Path) -> None:
    """All modules come from the wheels; every plugin is active, pages and their scripts come."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("MEISHI_")
    } | {"MEISHI_HOME": str(home), "PYTHONSAFEPATH": "1"}

    def told(*command: str) -> str:
        done = subprocess.run(
            [installed / command[0], *command[1:]], cwd=home.parent, env=environment,
            capture_output=True, text=True, check=True, timeout=PATIENCE,
        )  # fmt: skip
        return done.stdout

    place = told("python", "-c", "import meishi, qr; print(meishi.__file__, qr.__file__)")
    assert all(path.startswith(str(installed.parent)) for path in place.split())
    assert told("meishi", "--version").strip()
    assert "qr: qr_0001" in told("meishi", "db", "upgrade")
    assert told("meishi", "db", "check") == "Models and tables agree.\n"
    states = {item["state"] for item in json.loads(told("meishi", "plugins", "--json"))}
    assert states == {"active"}
    port = free_port()
    server = subprocess.Popen(
        [installed / "meishi", "serve", "--port", str(port)], cwd=home.parent, env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        wait_until(lambda: is_healthy(port), "healthy")
        address = f"http://127.0.0.1:{port}"
        page = _got(f"{address}/sign-in")
        (script,) = [part for part in page.split('"') if "/main-" in part and ".js" in part]
        assert len(_got(address + script)) > 1000
        assert "/api/v1/qr/codes" in json.loads(_got(f"{address}/api/openapi.json"))["paths"]
    finally:
        server.send_signal(signal.SIGTERM)
        assert ended(server) == 0


def _got(address: str) -> str:
    with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
        return str(answer.read().decode())


def _package(wheel: Path) -> str:
    """Return the name of the package that a wheel holds."""
    with ZipFile(wheel) as file:
        return next(name for name in file.namelist() if name.endswith("/py.typed")).split("/")[0]

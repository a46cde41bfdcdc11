"""What pins a plugin is told at boot: nobody has to find out by the first call that fails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from meishi.errors import BootRefused
from meishi.extraction.boot import take_out_pinned
from meishi.lifecycle.loading import PluginSet, load_plugins
from meishi.lifecycle.states import PluginState
from meishi.settings import BootPolicy, load_settings
from meishi.testing.packages import PluginPackages

from .test_reasons import HEARS, ITEM, MARKS, NOTES, SPEC, add_shop, add_till

pytestmark = pytest.mark.no_calls

TOKEN = "a-token-of-services-that-nobody-guesses"
Boot = Callable[..., PluginSet]


@pytest.fixture
def boot(tmp_path: Path) -> Boot:
    """Load plugins, some of them at services, or some of them as one, as a boot does."""

    def booted(*names: str, away: str = "", only: tuple[str, ...] = ()) -> PluginSet:
        file = tmp_path / "settings.toml"
        placed = "".join(
            f'[plugin.{name}]\nplacement = "https://{place}"\nplacement_token = "{TOKEN}"\n'
            for name, place in (item.split("@") for item in away.split())
        )
        service = f'main_url = "https://main.example"\nservice_tokens = ["{TOKEN}"]\n'
        file.write_text(service if only else placed)
        overrides = {"plugins": names} | ({"only": only} if only else {})
        settings = load_settings(file=file, environment={}, overrides=overrides)
        plugins = load_plugins(settings)
        assert not plugins.faults()
        take_out_pinned(plugins, settings)
        return plugins

    return booted


@pytest.fixture
def notes(packages: PluginPackages) -> None:
    """Install notes, and marks, which implement a hook of theirs."""
    packages.add(
        "notes", plugin=NOTES, api_prefix="notes", files={"contract.py": ITEM, "points.py": SPEC}
    )
    packages.add("marks", plugin=MARKS, after={"notes": ">=0"})


HOOK = "the hook `notes_renderers` of notes; they would have to move together."


@pytest.mark.parametrize(
    ("how", "name", "says"),
    [
        ({"away": "marks@a.example"}, "marks", f"It implements {HOOK}"),
        (
            {"away": "notes@a.example"},
            "notes",
            "marks implements its hook `notes_renderers`; they would have to move together.",
        ),
        ({"away": "notes@a.example marks@b.example"}, "notes", "marks implements its hook"),
        ({"only": ("marks",)}, "marks", f"It implements {HOOK}"),
    ],
)
def test_hooks_do_not_cross(
    notes: None, boot: Boot, how: dict[str, object], name: str, says: str
) -> None:
    """In the main deployment and in the service, whichever of the two is away."""
    plugins = boot("notes", "marks", **how)
    status = plugins.statuses[name]
    assert status.state is PluginState.BROKEN
    assert f"it cannot run apart from the others: {says}" in status.reason
    with pytest.raises(BootRefused, match="it cannot run apart from the others") as refused:
        plugins.enforce(BootPolicy.STRICT)
    assert "\n" not in refused.value.message
    assert refused.value.hint


def test_who_moves_together_may_go(notes: None, boot: Boot) -> None:
    """A service has both, and hooks are called there."""
    assert not boot("notes", "marks", away="notes@a.example marks@a.example").faults()
    assert not boot("notes", "marks", only=("notes", "marks")).faults()
    assert not boot("notes", "marks").faults()


@pytest.mark.parametrize("away", ["shop", "till"])
def test_unnamed_contracts_are_found_before_a_call_is_refused(
    packages: PluginPackages, boot: Boot, away: str
) -> None:
    """Whichever of the two is away."""
    add_shop(packages)
    packages.add("till", plugin="", files={"service.py": "from shop.contract import Shelf\n"})
    status = boot("shop", "till", away=f"{away}@a.example").statuses[away]
    assert status.state is PluginState.BROKEN
    assert "does not name" in status.reason


def test_who_is_heard_inside_a_transaction_stays(packages: PluginPackages, boot: Boot) -> None:
    """The listener would never be called."""
    add_shop(packages)
    add_till(packages, HEARS.format(mode="in_transaction"), events={"consumes": ["thing.sold.v1"]})
    status = boot("shop", "till", away="shop@a.example").statuses["shop"]
    assert "till hears its thing.sold.v1 inside the transaction" in status.reason


def test_what_pins_nobody_lets_both_run(packages: PluginPackages, boot: Boot) -> None:
    """Also at services of their own."""
    add_shop(packages)
    add_till(packages)
    assert not boot("shop", "till", away="shop@a.example").faults()
    assert not boot("shop", "till", away="shop@a.example till@b.example").faults()
    assert not boot("shop", "till", only=("till",)).faults()

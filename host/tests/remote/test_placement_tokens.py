"""The setting `placement_token`: one token, or several while they are changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from meishi.errors import SettingsError
from meishi.settings import Settings, load_settings

pytestmark = pytest.mark.no_calls

ONE, TWO = "one-token-of-services-that-nobody-guesses", "two-token-of-services-that-nobody-guesses"


def loaded(folder: Path, token: str, **environment: str) -> Settings:
    """Return settings in which a token is written so."""
    file = folder / "settings.toml"
    file.write_text(f'[plugin.qr]\nplacement = "https://qr.example"\nplacement_token = {token}\n')
    return load_settings(file=file, environment=environment)


@pytest.mark.parametrize(
    ("written", "tokens"),
    [
        (f'"{ONE}"', (ONE,)),
        (f'["{ONE}", "{TWO}"]', (ONE, TWO)),
        (f'"{TWO}, {ONE}"', (TWO, ONE)),
    ],
)
def test_tokens_are_a_text_or_a_list(tmp_path: Path, written: str, tokens: tuple[str, ...]) -> None:
    """The first is sent first; none of them is shown."""
    placement = loaded(tmp_path, written).placements["qr"]
    assert (placement.token, placement.tokens) == (tokens[0], tokens)
    assert not any(token in repr(placement) for token in tokens)


@pytest.mark.parametrize("written", ['""', "[]", "3", '["short"]', f'["{ONE}", 3]', f'"{ONE} x"'])
def test_what_is_no_token_is_refused(tmp_path: Path, written: str) -> None:
    """By its key, with how one is written, and without what was given."""
    with pytest.raises(SettingsError, match=r"`plugin\.qr\.placement_token` must be") as refused:
        loaded(tmp_path, written)
    assert "32 to 200 characters" in str(refused.value.hint)
    assert ONE not in refused.value.message


def test_a_service_sends_the_first_and_knows_the_others(tmp_path: Path) -> None:
    """What it calls the main deployment with."""
    settings = load_settings(
        file=None,
        environment={
            "MEISHI_ONLY": "qr",
            "MEISHI_MAIN_URL": "https://cards.example",
            "MEISHI_SERVICE_TOKENS": f"{ONE},{TWO}",
            "MEISHI_HOME": str(tmp_path),
        },
    )
    main = settings.placement_of("crm_contacts")
    assert main is not None
    assert main.tokens == (ONE, TWO)

from pathlib import Path

import psycopg
import pytest

from meishi.database.location import Location
from meishi.testing.packages import PluginPackages

from .conftest import Run

pytestmark = pytest.mark.once

MODELS = """
from sqlalchemy import Column, Integer, Table, Text
from meishi.sdk.database import plugin_metadata
metadata = plugin_metadata("shop")
item = Table("item", metadata, Column("id", Integer, primary_key=True){columns})
"""
PLUGIN = """
from meishi.sdk.plugin import Migrations, Schemas, hookimpl
from shop.models import metadata
@hookimpl
def schemas():
    return Schemas(db=metadata)
@hookimpl
def migrations():
    return Migrations("shop.versions")
"""
REVISION = """
import sqlalchemy as sa
from alembic import op
revision = "shop_0001"
down_revision = None
def upgrade():
    op.create_table(
        "item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="item_pkey"),
        schema="shop",
    )
def downgrade():
    op.drop_table("item", schema="shop")
"""


@pytest.fixture
def shop(packages: PluginPackages, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only plugin: one table, one revision."""
    monkeypatch.setenv("MEISHI_PLUGINS", "shop")
    return packages.add(
        "shop",
        plugin=PLUGIN,
        files={
            "models.py": MODELS.format(columns=""),
            "versions/__init__.py": "",
            "versions/0001_item.py": REVISION,
        },
    )


def columns(location: Location) -> list[str]:
    """Return the names of the columns that the table has."""
    with psycopg.connect(location.administrator_url()) as connection:
        rows = connection.execute(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_schema = 'shop' AND table_name = 'item' ORDER BY ordinal_position"
        ).fetchall()
    return [name for (name,) in rows]


def test_an_upgrade_applies_what_is_pending(run: Run, empty: Location, shop: Path) -> None:
    """`pending` tells before and after; a second upgrade has nothing to do."""
    before = run("db", "pending")
    assert before.code == 1
    assert "shop: shop_0001\n" in before.out
    done = run("db", "upgrade", "--all")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("meishi: meishi_0001")
    assert "shop: shop_0001\n" in done.out
    assert columns(empty) == ["id"]
    after = run("db", "pending")
    assert (after.code, after.out) == (0, "Nothing is pending.\n")
    assert "shop: up to date\n" in run("db", "upgrade").out


def test_a_revision_written_from_the_models_can_be_applied(
    run: Run, empty: Location, shop: Path, packages: PluginPackages
) -> None:
    """A new column goes from the models to a file, from there to the table, and back."""
    run("db", "upgrade")
    agreed = run("db", "check", "--plugin", "shop")
    assert (agreed.code, agreed.out) == (0, "Models and tables agree.\n")
    (shop / "models.py").write_text(MODELS.format(columns=', Column("title_of_item", Text)'))
    packages.forget()
    differs = run("db", "check", "--plugin", "shop")
    assert differs.code == 1
    assert "title_of_item" in differs.out
    written = run("db", "revision", "--plugin", "shop", "-m", "add a title")
    assert written.code == 0
    file = Path(written.out.strip().splitlines()[-1])
    assert file.parent == shop / "versions"
    assert file.exists()
    assert run("db", "pending", "--plugin", "shop").out == "shop: shop_0002\n"
    upgraded = run("db", "upgrade", "--plugin", "shop")
    assert (upgraded.code, upgraded.out) == (0, "meishi: up to date\nshop: shop_0002\n")
    assert columns(empty) == ["id", "title_of_item"]
    assert run("db", "check", "--plugin", "shop").code == 0
    back = run("db", "downgrade", "--plugin", "shop", "--to", "shop_0001", "--yes")
    assert (back.code, back.out) == (0, "shop: back from shop_0002\n")
    assert columns(empty) == ["id"]
    assert run("db", "downgrade", "--plugin", "shop", "--yes").out == "shop: back from shop_0001\n"
    again = run("db", "downgrade", "--plugin", "shop", "--yes")
    assert (again.code, again.err) == (1, "Error: shop has no revision to take back.\n")
    assert run("db", "upgrade").code == 0
    assert columns(empty) == ["id", "title_of_item"]


def test_an_upgrade_stops_before_what_older_code_needs(
    run: Run, empty: Location, shop: Path
) -> None:
    """`--expand` leaves a contract pending, without which the plugin is in order."""
    run("db", "upgrade")
    for number, phase in ((2, "expand"), (3, "contract")):
        text = REVISION.replace("shop_0001", f"shop_000{number}").replace('"item"', f'"x{number}"')
        parent = f'down_revision = "shop_000{number - 1}"\nphase = "{phase}"'
        text = text.replace("item_pkey", f"x{number}_pkey").replace("down_revision = None", parent)
        (shop / "versions" / f"000{number}.py").write_text(text)
    assert "shop: shop_0002\n" in run("db", "upgrade", "--expand").out
    pending = run("db", "pending")
    assert (pending.code, pending.out) == (1, "shop: shop_0003\n")
    (line,) = (line for line in run("plugins").out.splitlines() if line.startswith("shop"))
    assert "active" in line
    assert "shop: shop_0003\n" in run("db", "upgrade").out


def test_a_revision_is_not_written_without_a_difference(
    run: Run, empty: Location, shop: Path
) -> None:
    """An empty revision would be one more step for nothing."""
    run("db", "upgrade")
    result = run("db", "revision", "--plugin", "shop", "-m", "nothing")
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("Error: shop: models and tables agree")
    assert sorted(file.name for file in (shop / "versions").glob("0*")) == ["0001_item.py"]


@pytest.mark.parametrize(
    ("name", "dependant"), [("crm_contacts", "crm_enrichment"), ("identity", "crm_contacts")]
)
def test_a_plugin_that_another_needs_is_not_taken_back(
    run: Run, migrated: Location, name: str, dependant: str
) -> None:
    """Neither what a plugin requires goes before it, nor a part of the host that all stand on."""
    result = run("db", "downgrade", "--plugin", name, "--yes")
    assert result.code == 1
    assert f"{dependant} is in the database, and needs {name}." in result.err
    assert run("db", "pending").code == 0


@pytest.mark.parametrize("command", [("check",), ("revision", "--plugin", "shop", "-m", "x")])
def test_models_are_compared_with_an_upgraded_database_only(
    run: Run, empty: Location, shop: Path, command: tuple[str, ...]
) -> None:
    """On a database that is behind, the answer is what to do first."""
    result = run("db", *command)
    assert result.code == 1
    assert "is not up to date: " in result.err
    assert "Hint: `meishi db upgrade` applies what is pending." in result.err


def test_a_downgrade_asks_for_the_name(
    run: Run, migrated: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anything but the plugin's name changes nothing."""
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: "yes")
    result = run("db", "downgrade", "--plugin", "qr")
    assert (result.code, result.err) == (1, "Error: Nothing was changed.\n")
    assert run("db", "pending").code == 0


@pytest.mark.parametrize("text", ["revision = 'a'\ndown_revision = 'nowhere'\n", "revision = ("])
def test_files_that_form_no_line_of_revisions_are_told(
    run: Run, migrated: Location, shop: Path, text: str
) -> None:
    """A fork or a gap among the files is one line, and the exit code is not zero."""
    (shop / "versions" / "0001_item.py").write_text(text)
    result = run("db", "pending")
    assert result.code == 1
    assert result.err.startswith("Error: shop: ")


def test_a_plugin_without_migrations_is_told(run: Run, migrated: Location) -> None:
    """Unknown names and plugins without tables get the same hint."""
    for arguments in (
        ("upgrade", "--plugin", "meishi_search"),
        ("pending", "--plugin", "shoop"),
        ("check", "--plugin", "shoop"),
        ("revision", "--plugin", "shoop", "-m", "x"),
        ("downgrade", "--plugin", "shoop", "--yes"),
    ):
        result = run("db", *arguments)
        assert result.code == 1
        assert f"Error: No loaded plugin {arguments[2]!r} has migrations." in result.err
        assert "Hint: `meishi plugins`" in result.err


def test_all_and_one_exclude_each_other(run: Run, migrated: Location) -> None:
    """A contradiction is not resolved by guessing."""
    result = run("db", "upgrade", "--all", "--plugin", "qr")
    assert (result.code, result.err) == (1, "Error: --plugin and --all exclude each other.\n")


def test_the_models_of_the_plugins_agree_with_their_tables(run: Run, migrated: Location) -> None:
    """What Meishi ships has no difference between models and revisions."""
    result = run("db", "check")
    assert (result.code, result.out) == (0, "Models and tables agree.\n")

"""Whatever an upgrade makes outside of its db_schema is seen, of any kind."""

from __future__ import annotations

import pytest

from meishi.testing.conformance import Workbench
from meishi.testing.conformance.catalogue import read_catalogue
from meishi.testing.conformance.placement import objects_elsewhere

TRIGGER = """
    CREATE FUNCTION qr.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END';
    CREATE TRIGGER stray AFTER INSERT ON identity.workspace EXECUTE FUNCTION qr.f()
"""


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("CREATE TABLE public.stray (id integer)", "made the table public.stray"),
        ("CREATE TABLE identity.stray (id integer)", "made the table identity.stray"),
        ("CREATE SEQUENCE public.stray", "made the sequence public.stray"),
        ("CREATE VIEW public.stray AS SELECT 1", "made the view public.stray"),
        ("CREATE TYPE public.stray AS ENUM ('a')", "made the type public.stray"),
        ("CREATE DOMAIN public.stray AS integer", "made the type public.stray"),
        (
            "CREATE FUNCTION public.stray() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
            "made the function public.stray()",
        ),
        ("CREATE SCHEMA stray", "made the schema stray"),
        ("CREATE EXTENSION hstore SCHEMA public", "made the extension hstore"),
        (
            "ALTER TABLE identity.workspace ADD COLUMN stray text",
            "made the table column identity.workspace.stray",
        ),
        (
            "CREATE INDEX stray ON identity.workspace (name)",
            "made the index identity.stray",
        ),
        (
            "CREATE POLICY stray ON identity.workspace USING (true)",
            "made the policy stray on identity.workspace",
        ),
        (
            "CREATE RULE stray AS ON DELETE TO identity.workspace DO INSTEAD NOTHING",
            "made the rule stray on identity.workspace",
        ),
        (
            TRIGGER,
            "made the trigger stray on identity.workspace",
        ),
        ("DROP TABLE identity.api_token", "dropped the table identity.api_token"),
    ],
)
def test_an_object_outside_of_the_own_db_schema_is_named(
    bench: Workbench, statement: str, named: str
) -> None:
    """What an upgrade of qr might do elsewhere is seen by comparing the whole catalogue."""
    manifest = bench.contribution("qr").manifest
    with bench.undone() as administrator:
        before = read_catalogue(administrator)
        administrator.execute("CREATE TABLE qr.stray (id serial PRIMARY KEY, mood text[])")
        assert not list(objects_elsewhere(before, read_catalogue(administrator), manifest))
        administrator.execute(statement.encode())
        found = objects_elsewhere(before, read_catalogue(administrator), manifest)
        assert f"The upgrade {named}, outside of the db_schema qr." in {
            fault.message for fault in found
        }

"""Plugins that could not be taken apart: their tables reach out, their contract cannot cross."""

from __future__ import annotations

from .broken_plugin import BrokenPlugin


def _tables(code: str) -> str:
    return f"metadata = {code}\n@hookimpl\ndef schemas():\n    return Schemas(db=metadata)\n"


def _contract(code: str) -> str:
    return f"{code}@hookimpl\ndef services():\n    return [Service(Notes, object)]\n"


TABLES = (
    BrokenPlugin(
        what="a table is in no db_schema",
        plugin=_tables("Table('note', MetaData(), Column('id', Text)).metadata"),
        reason="table 'note' is in the db_schema None, not in 'notes'",
    ),
    BrokenPlugin(
        what="a table is in another db_schema",
        plugin=_tables("Table('note', plugin_metadata('qr'), Column('id', Text)).metadata"),
        reason="table 'note' is in the db_schema 'qr', not in 'notes'",
    ),
    BrokenPlugin(
        what="a foreign key leaves its db_schema",
        plugin=_tables(
            "Table('note', plugin_metadata('notes'), "
            "Column('contact_id', Text, ForeignKey('crm_contacts.contact.id'))).metadata"
        ),
        reason="foreign key of table 'note' leaves the db_schema: crm_contacts.contact.id",
    ),
)

CONTRACTS = (
    BrokenPlugin(
        what="a method of its contract is not marked",
        plugin=_contract("class Notes(Protocol):\n    def count(self) -> int: ...\n"),
        reason="contract Notes: count is not marked @query, @command or @atomic",
    ),
    BrokenPlugin(
        what="a type that can be changed crosses its contract",
        plugin=_contract(
            "class Notes(Protocol):\n"
            "    @command()\n"
            "    def add(self, words: list[str]) -> None: ...\n"
        ),
        reason="contract Notes: add: parameter words: list must not cross a contract",
    ),
    BrokenPlugin(
        what="a class of its contract is not frozen",
        plugin=_contract(
            "@dataclass\n"
            "class Note:\n"
            "    text: str\n"
            "class Notes(Protocol):\n"
            "    @query()\n"
            "    def first(self) -> Note: ...\n"
        ),
        reason="contract Notes: first: result: Note is not frozen",
    ),
    BrokenPlugin(
        what="an error of its contract is no declared one",
        plugin=_contract(
            "class Notes(Protocol):\n"
            "    @query(errors=[KeyError])\n"
            "    def first(self) -> int: ...\n"
        ),
        reason="contract Notes: first declares KeyError: it is no DomainError",
    ),
    BrokenPlugin(
        what="it offers the contract of another plugin",
        plugin=(
            "from memos.plugin import Memos\n"
            "@hookimpl\n"
            "def services():\n"
            "    return [Service(Memos, object)]\n"
        ),
        others={"memos": {"plugin": "class Memos(Protocol): ...\n"}},
        reason="hook `services`: memos.plugin.Memos is not of the plugin's own package 'notes'",
    ),
)

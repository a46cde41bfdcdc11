"""What imports refuse, besides what all of the contact service does."""

from __future__ import annotations

from meishi.sdk.contract import DomainError


class ImportStarted(DomainError):
    """The import has begun, so how its file is read stays."""

    code = "import-started"
    title = "Import has begun"
    status = 409


class ImportMappingNeeded(DomainError):
    """Nobody knows the columns of the table: somebody has to choose what becomes of them."""

    code = "import-mapping-needed"
    title = "Mapping needed"
    status = 409


class ImportUndone(DomainError):
    """The import is undone, so it does not go on."""

    code = "import-undone"
    title = "Import is undone"
    status = 409


class ImportUndoRefused(DomainError):
    """The import is not in a state in which it can be undone."""

    code = "import-undo-refused"
    title = "Import cannot be undone"
    status = 409


class ImportUndoNotFound(DomainError):
    """Nobody has asked for the import to be undone."""

    code = "import-undo-not-found"
    title = "Undo not found"
    status = 404


class DryRunNotFound(DomainError):
    """Nobody has tried this import as it is now."""

    code = "dry-run-not-found"
    title = "Dry run not found"
    status = 404


class KeptMappingNotFound(DomainError):
    """No such mapping is kept in this workspace."""

    code = "kept-mapping-not-found"
    title = "Kept mapping not found"
    status = 404


class InvalidImportMapping(DomainError):
    """The columns of the table cannot become contacts in this way."""

    code = "invalid-import-mapping"
    title = "Invalid mapping"
    status = 422

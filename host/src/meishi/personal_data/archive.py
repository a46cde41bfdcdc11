"""What is known of a person as a file: `report.json`, and one NDJSON for each kind of record."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO, BinaryIO, cast
from zipfile import ZIP_DEFLATED, ZipFile

import msgspec

from meishi.context import current_scope
from meishi.declarations import DataSubject, PersonalData
from meishi.personal_data.report import PersonalDataReport, PluginOutcome
from meishi.personal_data.rounds import Answer, outcome

#: Asks plugins, with what takes what each of them yields.
Gather = Callable[[Answer], PersonalDataReport]


def export_to(path: Path, gather: Gather) -> PersonalDataReport:
    """Write what `gather` finds into a ZIP file that must not exist; return its report."""
    with path.open("xb") as target:
        path.chmod(0o600)
        return write_archive(target, gather)


def write_archive(target: IO[bytes], gather: Gather) -> PersonalDataReport:
    """Write what `gather` finds as a ZIP file; return its report.

    Records wait in unnamed files, which nobody else can read: there is never more than one of
    them in memory. Of a plugin that fails in a workspace, nothing of that is in the file.
    """
    with ExitStack() as opened:
        records = _Records(opened)
        report = gather(records.take)
        with ZipFile(target, "w", ZIP_DEFLATED) as archive:
            archive.writestr("report.json", msgspec.json.encode(report))
            for name, content in records.files():
                with archive.open(name, "w", force_zip64=True) as member:
                    copyfileobj(content, member)
    return report


class _Records:
    """The records that plugins yielded, in a file for each plugin and kind."""

    def __init__(self, opened: ExitStack) -> None:
        self._opened = opened
        self._files: dict[str, BinaryIO] = {}

    def take(self, declared: PersonalData, subject: DataSubject) -> PluginOutcome:
        """Keep what a plugin yields; when it fails, nothing of it."""
        ends = {name: file.tell() for name, file in self._files.items()}
        scope, count = current_scope(), 0
        try:
            for record in declared.export(subject):
                line = {
                    "workspace_id": scope.workspace_id,
                    "id": record.id,
                    "record": msgspec.json.decode(record.body),
                }
                self._file(f"{scope.work.plugin}/{record.kind}.ndjson").write(
                    msgspec.json.encode(line) + b"\n"
                )
                count += 1
        except BaseException:
            for name, file in self._files.items():
                file.seek(ends.get(name, 0))
                file.truncate()
            raise
        return outcome(exported=count)

    def files(self) -> list[tuple[str, BinaryIO]]:
        """Return names and contents of the files that hold something, ready to be read."""
        found = [(name, file) for name, file in sorted(self._files.items()) if file.tell()]
        for _, file in found:
            file.seek(0)
        return found

    def _file(self, name: str) -> BinaryIO:
        if name not in self._files:
            file = cast("BinaryIO", TemporaryFile())  # noqa: SIM115 (closed with the others)
            self._files[name] = self._opened.enter_context(file)
        return self._files[name]

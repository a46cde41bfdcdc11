"""Whether a plugin's revisions go up, down and up again, and end at its models."""

from __future__ import annotations

from collections.abc import Iterator

from meishi.lifecycle.manifest import Manifest
from meishi.testing.conformance.catalogue import Catalogue, CatalogueObject
from meishi.testing.conformance.findings import Fault
from meishi.testing.conformance.workbench import Workbench


def upgrade_faults(bench: Workbench, plugin: str) -> Iterator[Fault]:
    """Yield why a plugin's tables cannot be made in an empty database."""
    contribution = bench.contribution(plugin)
    metadata = contribution.schemas.db
    if contribution.versions is None:
        if metadata is not None and metadata.tables:
            yield Fault(
                "It has tables, but the hook `migrations` is missing.",
                "Return `Migrations(...)`, and write revisions with `meishi db revision`.",
            )
        return
    trial = bench.trial(plugin)
    if trial.failed_step == "upgrade":
        yield Fault(
            f"The upgrade of an empty database failed: {trial.failure.removesuffix('.')}.",
            "Mend the revision: what stands in the database depends on it.",
        )
    elif not trial.revisions:
        yield Fault("It has no revisions.", "Write them with `meishi db revision`.")


def migration_faults(bench: Workbench, plugin: str) -> Iterator[Fault]:
    """Yield what a downgrade leaves or misses, and where models and tables differ."""
    contribution = bench.contribution(plugin)
    if contribution.versions is None:
        return
    trial = bench.trial(plugin)
    if trial.failed_step:
        yield Fault(
            f"The {trial.failed_step} failed: {trial.failure.removesuffix('.')}.",
            "Every revision must have a downgrade(), after which its upgrade() works again.",
        )
    for line in trial.differences:
        yield Fault(
            f"Models and tables differ: {line}.",
            "Change the models, or write a revision; `meishi db check` compares them.",
        )
    if trial.downgraded is not None:
        yield from _left_behind(trial.before, trial.downgraded, contribution.manifest)
        if trial.revisions_taken_back != trial.revisions[::-1]:
            yield Fault(
                f"The upgrade applied {', '.join(trial.revisions)}, "
                f"but the downgrade took {', '.join(trial.revisions_taken_back)} back.",
                "Let each revision follow the one before it.",
            )
    if trial.upgraded_again is not None:
        for item in sorted(trial.upgraded ^ trial.upgraded_again):
            yield Fault(
                f"After down and up again the database differs in the {item}.",
                "Let downgrade() undo all that upgrade() does, and nothing else.",
            )


def _left_behind(before: Catalogue, after: Catalogue, manifest: Manifest) -> Iterator[Fault]:
    """Yield what a downgrade to the beginning left, or took away though it was there before."""
    for item in _largest(after - before):
        if not (item.is_version_table or item.is_made_by_host(manifest)):
            yield Fault(f"The downgrade left the {item}.", "Drop it in downgrade().")
    for item in _largest(before - after):
        yield Fault(
            f"After the downgrade the {item} is gone, which was there before the upgrade.",
            "Let downgrade() drop only what upgrade() made.",
        )


def _largest(items: Catalogue) -> list[CatalogueObject]:
    """Return the objects without those that go with a table or view among them."""
    wholes = [item for item in items if item.kind in {"table", "view", "materialized view"}]
    return sorted(
        item
        for item in items
        if not (wholes and item.kind == "index")
        and not any(item.is_part_of(whole) for whole in wholes)
    )

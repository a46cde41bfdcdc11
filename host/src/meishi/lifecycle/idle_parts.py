"""Parts of plugins that do nothing for now, because what they are for is not there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from meishi.lifecycle.resource_names import ResourcesOfPlugin, owner_of, resource_name


def idle_parts(
    contribution: ResourcesOfPlugin, active: Sequence[ResourcesOfPlugin]
) -> Iterator[str]:
    """Yield a few words for each part of an active plugin that waits for another, and for what."""
    owners = {item.plugin for item in active}
    named = [("extension", item.target) for item in contribution.schemas.extensions]
    named += [("merge handler", item.kind) for item in contribution.merge_handlers]
    for part, resource in named:
        if owner_of(resource) not in owners:
            yield f"{part} of {resource} inactive: needs {owner_of(resource)}"
    merged = {
        f"{item.plugin}.{resource_name(merge.resource)}"
        for item in active
        for merge in item.schemas.merges
    }
    for follower in contribution.merge_handlers:
        if owner_of(follower.kind) in owners and follower.kind not in merged:
            yield (
                f"merge handler of {follower.kind} inactive: "
                f"{owner_of(follower.kind)} does not merge it"
            )

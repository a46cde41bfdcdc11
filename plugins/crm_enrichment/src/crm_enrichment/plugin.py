"""Hooks of the enrichment service."""

from collections.abc import Sequence

from crm_enrichment import points
from crm_enrichment.contract import Provider
from meishi.sdk.plugin import HookSpec, hookimpl


@hookimpl
def hookspecs() -> Sequence[HookSpec]:
    """Return the hook by which others find out more."""
    return [HookSpec(function=points.enrichment_providers, item=Provider)]

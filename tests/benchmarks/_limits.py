"""Limits of requests as benchmarks set them: counted as ever, and never reached."""

from __future__ import annotations

UNREACHED = {
    "MEISHI_RATE_LIMIT_PER_MINUTE": "6000000",
    "MEISHI_RATE_LIMIT_BURST": "1000000",
    "MEISHI_RATE_LIMIT_WORKSPACE_PER_MINUTE": "6000000",
}

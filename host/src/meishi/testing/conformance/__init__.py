"""The conformance suite: what must hold of every plugin, as checks that yield findings.

`meishi conformance PACKAGE` runs them from the command line. A test does the same with a
`Workbench` and `check_plugin`, and looks at the events of its own database with
`event_log_findings`.
"""

from meishi.testing.conformance.checks import CHECKS, Check, Result, check_plugin
from meishi.testing.conformance.event_log import event_log_findings
from meishi.testing.conformance.findings import Finding
from meishi.testing.conformance.selection import loaded_plugins
from meishi.testing.conformance.workbench import Workbench

__all__ = [
    "CHECKS",
    "Check",
    "Finding",
    "Result",
    "Workbench",
    "check_plugin",
    "event_log_findings",
    "loaded_plugins",
]

from __future__ import annotations

import pytest

from meishi.sdk import outgoing
from meishi.testing.types import WorkspaceUnderTest


def test_plugin_that_does_not_declare_the_network_sends_nothing(
    workspace: WorkspaceUnderTest,
) -> None:
    """The manifest says who may ask servers outside; nobody else gets as far as a look-up."""
    with (
        workspace.acting_as("qr"),
        pytest.raises(outgoing.AddressRefused, match=r"qr: .* network = true"),
    ):
        outgoing.send(outgoing.OutgoingRequest(url="http://example.invalid/"))

from __future__ import annotations

import pytest

from meishi.http.limits.addresses import client_address

CASES = [
    ("192.0.2.7", None, 0, "192.0.2.7"),
    ("192.0.2.7", "203.0.113.9", 0, "192.0.2.7"),
    ("10.0.0.1", "203.0.113.9", 1, "203.0.113.9"),
    ("10.0.0.1", "1.1.1.1, 203.0.113.9", 1, "203.0.113.9"),
    ("10.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.2", 2, "203.0.113.9"),
    ("10.0.0.1", "203.0.113.9", 2, "10.0.0.1"),
    ("10.0.0.1", "unknown", 1, "10.0.0.1"),
    ("10.0.0.1", None, 1, "10.0.0.1"),
    ("2001:db8:1:2:3:4:5:6", None, 0, "2001:db8:1:2::/64"),
    ("::ffff:192.0.2.7", None, 0, "192.0.2.7"),
    ("", None, 0, "unknown"),
]


@pytest.mark.parametrize(("remote", "forwarded", "proxies", "expected"), CASES)
def test_address_is_what_trusted_proxies_saw(
    remote: str, forwarded: str | None, proxies: int, expected: str
) -> None:
    """Without proxies the header counts for nothing; else what the first of ours has added."""
    environ = {"REMOTE_ADDR": remote}
    if forwarded is not None:
        environ["HTTP_X_FORWARDED_FOR"] = forwarded
    assert client_address(environ, proxies) == expected

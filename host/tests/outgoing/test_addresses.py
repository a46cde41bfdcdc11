from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis.strategies import integers, ip_addresses, sampled_from

from meishi.outgoing.addresses import is_public
from meishi.outgoing.errors import AddressRefused, EndpointUnavailable
from meishi.outgoing.target import is_listed, pinned_address, system_addresses, target_of

pytestmark = pytest.mark.no_calls

PUBLIC = "93.184.216.34"
INSIDE = [
    "127.0.0.1",
    "0.0.0.0",
    "10.0.0.7",
    "100.64.0.1",
    "169.254.169.254",
    "172.16.3.4",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fc00::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
]
#: Addresses of IPv6 that packets may leave for one of IPv4 inside.
CARRYING = [
    "::ffff:127.0.0.1",
    "::127.0.0.1",
    "64:ff9b::10.0.0.7",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
]


@pytest.mark.parametrize("address", [*INSIDE, *CARRYING])
def test_address_inside_is_not_public(address: str) -> None:
    """No address of this machine, its network, or of a way into them counts as public."""
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:220:1::1", "64:ff9b::93.184.216.34"])
def test_address_of_the_internet_is_public(address: str) -> None:
    """What everybody can reach may be called, also by the ways that lead from IPv6 to IPv4."""
    assert is_public(address)


@given(ip_addresses(v=4), sampled_from(["mapped", "compatible", "nat64", "6to4"]))
def test_address_carried_inside_another_decides(address: IPv4Address, way: str) -> None:
    """In whatever way an address of IPv6 carries one inside, it is no more public than that."""
    number = int(address)
    outer = {
        "mapped": IPv6Address((0xFFFF << 32) | number),
        "compatible": IPv6Address(number),
        "nat64": IPv6Address((0x64FF9B << 96) | number),
        "6to4": IPv6Address((0x2002 << 112) | (number << 80)),
    }[way]
    assert is_public(str(address)) or not is_public(str(outer))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "//example.com/",
        "example.com",
        "http://",
        "http://user@example.com/",
        "http://user:secret@example.com/",
        "http://@example.com/",
        "http://example.com\\@127.0.0.1/",
        "http://exa mple.com/",
        "http://example.com/\r\nHost: other",
        "http://example.com:0/",
        "http://example.com:99999/",
        "http://example.com:port/",
        "http://[::1",
        "http://[fe80::1%25eth0]/",
        "http://\uff45xample.com/",
        "http://a*b/",
        "http://-a/",
        "http://example.com/" + "a" * 2048,
    ],
)
def test_doubtful_url_is_refused(url: str) -> None:
    """What is no plain address of the web, or could be read in two ways, is not called."""
    with pytest.raises(AddressRefused):
        target_of(url)


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0x7f.1",
        "127.1",
        "[::ffff:7f00:1]",
        "[::1]",
        "127.0.0.1.",
        "localhost",
        "LOCALHOST",
    ],
)
def test_other_spelling_of_this_machine_is_refused(host: str) -> None:
    """However this machine is written, what counts is where the name leads."""
    with pytest.raises(AddressRefused, match="not public"):
        pinned_address(target_of(f"http://{host}/"), system_addresses, listed=False)


def test_name_that_leads_outside_and_inside_is_refused() -> None:
    """One address inside among public ones is enough to refuse a name."""
    with pytest.raises(AddressRefused, match="outgoing_hosts"):
        pinned_address(
            target_of("http://example.com/"), lambda host, port: [PUBLIC, "10.0.0.7"], listed=False
        )


@given(integers(1, 65535))
def test_strangers_are_called_on_ports_of_the_web_alone(port: int) -> None:
    """A name that the operator did not list is called on 80 and 443, whatever listens elsewhere."""
    target = target_of(f"http://example.com:{port}/")
    if port in {80, 443}:
        assert pinned_address(target, lambda host, port: [PUBLIC], listed=False) == PUBLIC
    else:
        with pytest.raises(AddressRefused, match="ports 80 and 443"):
            pinned_address(target, lambda host, port: [PUBLIC], listed=False)
    assert pinned_address(target, lambda host, port: ["10.0.0.7"], listed=True) == "10.0.0.7"


def test_operator_lists_hosts_with_a_port_or_with_all() -> None:
    """A host that is listed with a port is listed with no other one."""
    hosts = {"models.internal", "10.0.0.7:8080", "[::1]:11434"}
    listed = ["http://models.internal:1/", "http://10.0.0.7:8080/v1", "http://[::1]:11434/"]
    others = ["http://10.0.0.7/", "http://[::1]/", "http://a.models.internal/"]
    assert all(is_listed(target_of(url), hosts) for url in listed)
    assert not any(is_listed(target_of(url), hosts) for url in others)


def test_unknown_host_may_be_known_later() -> None:
    """A name that is not found is not refused for good."""

    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    with pytest.raises(EndpointUnavailable, match=r"example\.com is not known"):
        pinned_address(target_of("http://example.com/"), unknown, listed=False)

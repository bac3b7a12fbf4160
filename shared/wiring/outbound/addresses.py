"""Which internet addresses are the public's: all others are never called.

Source: IANA's IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890) as of 2026, and RFC 7526,
RFC 9637 and RFC 9602 for what was added or given up since. Python's own `is_global` is not enough:
3.11 takes 192.0.0.8, 192.88.99.1, 3fff::/20, 64:ff9b:1::/48 and 5f00::/16 for public.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

SPECIAL_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # between a carrier and its customers
        "127.0.0.0/8",  # this machine
        "169.254.0.0/16",  # this link, and the clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays, given up
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)

PUBLIC_V6 = IPv6Network("2000::/3")
"""All that was ever given out for use between networks; whatever is outside is not the public's."""

SPECIAL_V6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID, AMT, …
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: a tunnel to an IPv4 address, given up
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)

TRANSLATED = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))
"""IPv6 addresses that are another spelling of the IPv4 address in their last 32 bits: mapped, NAT64."""


def is_public(address: str) -> bool:
    """Whether an address, as text, belongs to the public internet; False for what is no address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    meant = _meant(parsed)
    if isinstance(meant, IPv4Address):
        return not any(meant in network for network in SPECIAL_V4)
    return meant.scope_id is None and meant in PUBLIC_V6 and not any(meant in part for part in SPECIAL_V6)


def _meant(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The address that packets end up at: the one inside where another is wrapped."""
    if isinstance(address, IPv6Address) and any(address in network for network in TRANSLATED):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address

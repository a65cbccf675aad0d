"""The block list in the forms that devices read: plain text, JSON, a file for nft, and CrowdSec's decisions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from sekisho.kernel import clock
from sekisho.workflows.watch_after.blocks import in_force
from sekisho.workflows.watch_after.models import Block

ORIGIN = "sekisho"
_TABLE = "inet sekisho"
Network = IPv4Network | IPv6Network


def until(at: datetime | None = None) -> dict[str, datetime]:
    """What is blocked now, each address or network once, with the latest end: IPv4 first, in the order of numbers."""
    found: dict[str, datetime] = {}
    for address, ends in in_force(at).values_list("address", "until_at"):
        found[address] = max(ends, found.get(address, ends))
    return {a: found[a] for a in sorted(found, key=lambda a: (ip_network(a).version, ip_network(a)))}


def plain() -> str:
    """One address or network a line."""
    return "".join(f"{address}\n" for address in until())


def entries(rows: Iterable[Block]) -> list[dict[str, Any]]:
    """Entries as JSON tells them."""
    return [
        {
            "id": row.pk, "address": row.address, "rule": row.rule, "source": row.source or None,
            "alert": row.alert or None, "by": row.by, "reason": row.reason or None, "hits": row.hits,
            "from_at": clock.iso(row.from_at), "until_at": clock.iso(row.until_at),
            "lifted_at": clock.iso(row.lifted_at) if row.lifted_at else None, "lifted_by": row.lifted_by or None,
        }
        for row in rows
    ]  # fmt: skip


def nftables(now: datetime | None = None) -> str:
    """A file for `nft -f`, which replaces both sets at once: elements leave by themselves when their time is over.

    Sets of intervals take no overlap: what lies within a listed network is left out.
    """
    at = now or clock.now()
    ends = {ip_network(address): end for address, end in until(at).items()}
    lines = [f"add table {_TABLE}"]
    for version, kind in ((4, "ipv4_addr"), (6, "ipv6_addr")):
        name = f"{_TABLE} blocked{version}"
        lines.append(f"add set {name} {{ type {kind}; flags interval, timeout; }}")
        lines.append(f"flush set {name}")
        wanted = _apart([n for n in ends if n.version == version])
        elements = [f"{_short(n)} timeout {max(1, int((ends[n] - at).total_seconds()))}s" for n in wanted]
        if elements:
            lines.append(f"add element {name} {{ {', '.join(elements)} }}")
    return "\n".join(lines) + "\n"


def _apart(networks: list[Network]) -> list[Network]:
    """Those that lie in no other, in order."""
    standing = set(networks)
    return sorted(
        (n for n in networks if not _wider(n, standing)), key=lambda n: (n.network_address, n.prefixlen)
    )


def _wider(network: Network, standing: set[Network]) -> list[Network]:
    """The listed networks that could hold this one."""
    return [
        w for length in range(network.prefixlen) if (w := network.supernet(new_prefix=length)) in standing
    ]


def _short(network: Network) -> str:
    return str(network.network_address) if network.num_addresses == 1 else str(network)


# --- CrowdSec ---------------------------------------------------------------------------------------------------------


def decision(row: Block, now: datetime) -> dict[str, Any]:
    """One decision as CrowdSec's local API tells it; the duration of one that is over is below nothing."""
    ends = min(row.until_at, row.lifted_at or row.until_at)
    return {
        "id": row.pk,
        "origin": ORIGIN,
        "type": "ban",
        "scope": "Range" if "/" in row.address else "Ip",
        "value": row.address,
        "duration": duration((ends - now).total_seconds()),
        "scenario": f"sekisho/{row.rule}",
    }


def duration(seconds: float) -> str:
    """Seconds as Go writes a duration: 3h59m58s, -5m0s."""
    sign, whole = ("-", -int(seconds)) if seconds < 0 else ("", int(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{sign}{hours}h{minutes}m{left}s"
    return f"{sign}{minutes}m{left}s" if minutes else f"{sign}{left}s"

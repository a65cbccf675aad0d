"""Named lists that rules look into: texts without regard to case, and networks of addresses."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network


class Listed:
    """One list. An entry with a slash is a network; everything else is compared as text."""

    def __init__(self, entries: Iterable[str] = ()) -> None:
        self.texts: set[str] = set()
        self.networks: dict[tuple[int, int], set[int]] = {}  # (version, length of prefix): prefixes
        for entry in entries:
            self.add(entry)

    def __len__(self) -> int:
        return len(self.texts) + sum(len(found) for found in self.networks.values())

    def add(self, entry: str) -> None:
        """Raises ValueError where an entry with a slash is no network."""
        if "/" in entry:
            network = ip_network(entry, strict=False)
            self.networks.setdefault((network.version, network.prefixlen), set()).add(prefix(network))
        else:
            self.texts.add(entry.lower())

    def entries(self) -> frozenset[str]:
        """Everything that it holds, as it could be added again."""
        found = set(self.texts)
        for (version, length), prefixes in self.networks.items():
            kind, bits = (IPv4Network, 32) if version == 4 else (IPv6Network, 128)
            found |= {str(kind((number << (bits - length), length))) for number in prefixes}
        return frozenset(found)

    def has(self, value: str) -> bool:
        return value.lower() in self.texts or (bool(self.networks) and self._in_network(value))

    def _in_network(self, value: str) -> bool:
        try:
            address = ip_address(value)
        except ValueError:
            return False
        number, bits = int(address), address.max_prefixlen
        return any(
            version == address.version and number >> (bits - length) in prefixes
            for (version, length), prefixes in self.networks.items()
        )


def prefix(network: IPv4Network | IPv6Network) -> int:
    """The network's first bits as a number."""
    return int(network.network_address) >> (network.max_prefixlen - network.prefixlen)

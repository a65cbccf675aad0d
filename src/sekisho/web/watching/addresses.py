"""Addresses as the pages of the watch are asked for them: an IP address in its one form, or a destination of funds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address, ip_network
from itertools import takewhile
from typing import Final

from sekisho.kernel.errors import NotFound
from sekisho.kernel.texts import Text
from sekisho.watch.events import BadEvent, block_of
from sekisho.watch.events import address as one_form
from sekisho.workflows.watch_after.blocks import WIDEST, as_network

_WALLET: Final = re.compile(r"(?:[a-z]{2,20}:)?(?=[^0-9]*[0-9])(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9]{8,120}")


class NoAddress(NotFound):
    """The text is no address. Data: address."""

    code = "no_address"
    text = Text(
        "「{address}」はIPアドレスでも暗号資産のアドレスでもありません。"
        "IPアドレス（例 203.0.113.7、2001:db8::1）、範囲（例 203.0.113.0/28）、"
        "出金先アドレスのいずれかを指定してください。",
        "'{address}' is neither an IP address nor a destination of funds. "
        "Give an IP address (203.0.113.7, 2001:db8::1), a range (203.0.113.0/28) or the destination of a withdrawal.",
    )


@dataclass(frozen=True, slots=True)
class Address:
    """An address: `text` in its one form; `is_ip`: it is an IP address or a network, else a destination of funds."""

    text: str
    is_ip: bool

    @property
    def field(self) -> str:
        """The field of events that holds it."""
        return "ip" if self.is_ip else "address"

    @property
    def is_network(self) -> bool:
        return self.is_ip and "/" in self.text

    @property
    def block(self) -> str:
        """What is blocked with it: an IPv6 address's /64, a network itself."""
        return self.text if self.is_network else block_of(self.text)

    @property
    def begins(self) -> str:
        """How the texts of a network's addresses begin, as far as all begin alike."""
        network = ip_network(self.text)
        parts, bits, sign = (
            (str(network[0]).split("."), 8, ".")
            if network.version == 4
            else (network[0].exploded.split(":"), 16, ":")
        )
        whole = [part.lstrip("0") if sign == ":" else part for part in parts[: network.prefixlen // bits]]
        named = list(takewhile(bool, whole))  # behind a zero, IPv6 may be written short
        return "".join(f"{part}{sign}" for part in named)

    def holds(self, ip: str) -> bool:
        """Whether an IP address lies in the network."""
        return ip_address(ip) in ip_network(self.text)


@lru_cache(maxsize=2048)
def read(text: str) -> Address:
    """The address that a text names; an IPv4 address mapped into IPv6 is the IPv4 address. Raises NoAddress."""
    told = text.strip()
    try:
        return Address(one_form(told), True)
    except BadEvent:
        pass
    if _WALLET.fullmatch(told):
        return Address(told, False)
    try:
        return Address(as_network(told), True)
    except ValueError:
        raise NoAddress(address=told[:80].replace("\x00", "")) from None


def linkable(text: str | None) -> bool:
    """Whether an address of an event has a page."""
    try:
        return text is not None and bool(read(text))
    except NoAddress:
        return False


def covering(address: str) -> list[str]:
    """Every form under which the block list may hold an IP address or a network: itself, and each that it lies in."""
    wanted = ip_network(address)
    networks = [
        str(ip_network((wanted.network_address, length), strict=False))
        for length in range(WIDEST[wanted.version], wanted.prefixlen + 1)
    ]
    return [address, *networks]

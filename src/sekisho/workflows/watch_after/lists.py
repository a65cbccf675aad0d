"""The named lists that rules look into, from what is on record: frozen users, blocked addresses, intelligence.

An indicator of an intelligence item is an address of a wallet where its item is tagged `sanctions` or `制裁`; one
written AS4713 names a network. Items that were judged not to matter here give none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sekisho.records.models import IntelligenceItem
from sekisho.watch.lists import Listed
from sekisho.workflows.watch_after.blocks import in_force
from sekisho.workflows.watch_after.models import Frozen

_NETWORK = re.compile(r"AS\d{1,10}", re.IGNORECASE)
_SANCTIONS = re.compile(r"sanction|制裁|OFAC", re.IGNORECASE)
_HASH = re.compile(r"[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{32}", re.IGNORECASE)
_NO_WALLET = re.compile(r"CVE-|T\d{4}|https?:|.*[./:].*", re.IGNORECASE)


def named_lists() -> dict[str, Listed]:
    """Every list by its name, as of now."""
    sanctioned, networks = _intelligence()
    return {
        "frozen_users": Listed(Frozen.objects.filter(thawed_at=None).values_list("user", flat=True)),
        "blocked_addresses": Listed(in_force().values_list("address", flat=True)),
        "sanctioned_addresses": Listed(sanctioned),
        "illicit_networks": Listed(networks),
    }


def is_sanctioned(address: str) -> bool:
    """Whether a destination of funds is on the list of sanctioned ones."""
    return Listed(_intelligence()[0]).has(address)


def _intelligence() -> tuple[list[str], list[str]]:
    """(destinations under sanctions, illicit networks) of the intelligence on record."""
    wallets: list[str] = []
    networks: list[str] = []
    for item in IntelligenceItem.objects.exclude(relevance="not_relevant"):
        named = list(_single(item.indicators))
        networks += [text.upper() for text in named if _NETWORK.fullmatch(text)]
        if _SANCTIONS.search(f"{item.title} {item.body or ''}") or any(map(_SANCTIONS.match, named)):
            wallets += [text for text in named if _is_wallet(text)]
    return wallets, networks


def _single(indicators: list[str] | None) -> Iterator[str]:
    for indicator in indicators or ():
        yield from indicator.split()


def _is_wallet(text: str) -> bool:
    """A destination of funds: no network, no host, no hash of a file, no number of a weakness, no mere tag."""
    if _NETWORK.fullmatch(text) or _SANCTIONS.match(text) or _NO_WALLET.match(text):
        return False
    return len(text) >= 20 and not (_HASH.fullmatch(text) and not text.lower().startswith("0x"))

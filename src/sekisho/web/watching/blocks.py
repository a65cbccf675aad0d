"""The block list as pages show it: whether an address is on it, its entries in pages, how devices fetch it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any, Final

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet

from sekisho.kernel import clock
from sekisho.kernel.errors import Invalid
from sekisho.kernel.texts import Text
from sekisho.records.fields import WrongValue
from sekisho.records.models import AllowedAddress, BlockList
from sekisho.web.watching.addresses import Address, NoAddress, covering, read
from sekisho.workflows.watch_after import blocks
from sekisho.workflows.watch_after.models import Block, BlockReader

PER_PAGE: Final = 50
PAST: Final = 20  # entries of an address that are over
USUAL: Final = timedelta(days=1)  # that the form of a block by hand proposes
FETCHED: Final = (
    (
        Text("プレーンテキスト（1行に1件）", "Plain text, one a line"),
        'curl -H "Authorization: Bearer $TOKEN" "{base}/api/watch/blocklist?form=plain"',
        Text("ファイアウォールやプロキシの外部リストに指定します。", "For external lists of firewalls and proxies."),
    ),
    (
        Text("JSON（期限・ルール付き）", "JSON, with expiry and rule"),
        'curl -H "Authorization: Bearer $TOKEN" "{base}/api/watch/blocklist"',
        Text("自社の仕組みに取り込む場合に使います。", "For programs of your own."),
    ),
    (
        Text("nftables のセット", "Sets of nftables"),
        'curl -H "Authorization: Bearer $TOKEN" "{base}/api/watch/blocklist?form=nftables" | nft -f -',
        Text(
            "1分ごとなど、定期的に実行します。期限が来た項目は自動で外れます。",
            "Run it every minute or so; elements leave at their time.",
        ),
    ),
    (
        Text("CrowdSec 互換", "CrowdSec's bouncers"),
        "api_url: {base}/\napi_key: $TOKEN",
        Text(
            "bouncer の設定ファイルに記入します。変更分だけを取得します。",
            "In a bouncer's settings; it fetches changes alone.",
        ),
    ),
)  # fmt: skip


# --- one address ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Blocked:
    """How an IP address stands: entries that block it now, those that are over, and what allows it."""

    now: list[Block]
    past: list[Block]
    allowed: list[AllowedAddress]

    @property
    def until_at(self) -> datetime | None:
        """When the last of the entries ends."""
        return max((entry.until_at for entry in self.now), default=None)


def of_address(address: Address) -> Blocked:
    """How an IP address or a network stands, by every network that it lies in."""
    forms = covering(address.text)
    now = list(blocks.in_force().filter(address__in=forms))
    standing = {entry.pk for entry in now}
    rows = Block.objects.filter(address__in=forms).order_by("-pk")[: PAST + len(now)]
    past = [entry for entry in rows if entry.pk not in standing]
    wanted = ip_network(address.text)
    allowed = [(ip_network(row.network, strict=False), row) for row in allowed_today()]
    return Blocked(
        now, past, [row for n, row in allowed if n.version == wanted.version and n.overlaps(wanted)]
    )


def allowed_today() -> list[AllowedAddress]:
    """The addresses that are never blocked, as of today."""
    on = clock.today()
    stands = Q(until_on=None) | Q(until_on__gte=on)
    return list(AllowedAddress.objects.filter(stands, since_on__lte=on).order_by("key"))


# --- the list ---------------------------------------------------------------------------------------------------------


def listed(given: Mapping[str, Any]) -> Page[Block]:
    """A page of the list. `q`: an address, a rule or a word; `which`: `over`."""
    rows = _over() if given.get("which") == "over" else blocks.in_force().order_by("-pk")
    text = str(given.get("q", "")).strip().replace("\x00", "")[:100]
    if text:
        rows = rows.filter(_searched(text))
    return Paginator(rows, PER_PAGE).get_page(given.get("page"))


def _over() -> QuerySet[Block]:
    now = clock.now()
    return Block.objects.filter(Q(until_at__lte=now) | Q(lifted_at__lte=now)).order_by("-pk")


def _searched(text: str) -> Q:
    """Entries that block an address, that begin with what was typed, or whose rule or reason has it."""
    found = Q(address__startswith=text.lower()) | Q(rule__icontains=text) | Q(reason__icontains=text)
    try:
        address = read(text)
    except NoAddress:
        return found
    return found | Q(address__in=covering(address.text)) if address.is_ip else found


def readers() -> list[BlockReader]:
    """The devices that fetch the list, who did last first."""
    return list(BlockReader.objects.order_by("-fetched_at")[:20])


# --- by hand ----------------------------------------------------------------------------------------------------------


def until_of(given: Mapping[str, Any]) -> datetime:
    """The end that a form of a block names. Raises Invalid."""
    text = str(given.get("until_at") or "")
    try:
        found = BlockList.kind_fields()["updated_at"].from_text(text)
    except WrongValue as wrong:
        raise Invalid({"until_at": [wrong.text]}) from None
    if not isinstance(found, datetime):
        raise Invalid({"until_at": [_NO_END]})
    return found


def usual_end() -> str:
    """The end that the form proposes, as its input has it."""
    return (clock.now() + USUAL).astimezone(clock.JAPAN).strftime("%Y-%m-%dT%H:%M")


def entry_of(given: Mapping[str, Any]) -> int:
    """The entry that is to be lifted; 0, which is none, where it is no number."""
    text = str(given.get("entry") or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


_NO_END = Text("期限を入力してください。", "Give the end.")

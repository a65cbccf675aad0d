"""The block list: addresses that rules or people put on it, until they expire or somebody lifts them.

An address within an `allowed_address` of the day never comes onto it, whatever asks for it. IPv6 is blocked by its /64,
for that is what one subscriber holds. A machine's entries leave no line in the ledger one by one (its alerts and block
lists tell of them); what a person does, does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from django.db import transaction
from django.db.models import Q, QuerySet

from sekisho.access.rights import Actor, require_write
from sekisho.kernel import clock
from sekisho.kernel.errors import Conflict, Invalid, NotFound
from sekisho.kernel.texts import Text
from sekisho.records.models import AllowedAddress, BlockList
from sekisho.watch.events import BadEvent, block_of
from sekisho.watch.events import address as one_form
from sekisho.workflows.act import NEEDS_REASON, act, require_reason
from sekisho.workflows.watch_after.models import Block, BlockReader

LASTS = timedelta(hours=4)  # a rule's entry; each further hit makes it last so long again
LONGEST = timedelta(days=366)
WIDEST = {4: 16, 6: 32}  # bits of the widest network that may be blocked by hand
BY_HAND = "by_hand"
_AT_ONCE = 900  # addresses in one question
Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Found:
    """An address that a rule asks to have blocked, and for which alert."""

    address: str
    rule: str
    source: str
    at: datetime
    hits: int = 1
    alert: str = ""


class AllowedOnly(Conflict):
    """The address is one that is never blocked."""

    code = "never_blocked"
    text = Text(
        "{address} は「遮断しないアドレス」（{allowed}）に含まれるため、遮断できません。",
        "{address} is within an address that is never blocked ({allowed}).",
    )


class LiftedAlready(Conflict):
    code = "not_blocked"
    text = Text("{address} の遮断は既に終わっています。", "The block of {address} is over already.")


# --- reading ----------------------------------------------------------------------------------------------------------


def in_force(at: datetime | None = None) -> QuerySet[Block]:
    """The entries that block at an instant, oldest first."""
    now = at or clock.now()
    lifted = Q(lifted_at=None) | Q(lifted_at__gt=now)
    return Block.objects.filter(lifted, from_at__lte=now, until_at__gt=now).order_by("pk")


def addresses(at: datetime | None = None) -> list[str]:
    """What is blocked at an instant, each once: IPv4 first, in the order of numbers."""
    named = set(in_force(at).values_list("address", flat=True))
    return sorted(named, key=lambda a: (ip_network(a).version, ip_network(a)))


def allowed(day: date | None = None) -> list[tuple[Network, str]]:
    """The networks that are never blocked on a day, with their records."""
    on = day or clock.today()
    stands = Q(until_on=None) | Q(until_on__gte=on)
    rows = AllowedAddress.objects.filter(stands, since_on__lte=on).values_list("network", "key")
    return [(ip_network(network, strict=False), key) for network, key in rows]


# --- by rules ---------------------------------------------------------------------------------------------------------


def block_found(found: Sequence[Found]) -> int:
    """Put what rules found onto the list, in the transaction under way; returns how many addresses are new on it."""
    never = allowed()
    wanted: dict[tuple[str, str], Found] = {}
    for one in found:
        address = block_of(one.address)
        if _within(address, never) is None:
            before = wanted.get((address, one.rule))
            hits = one.hits + (before.hits if before else 0)
            wanted[address, one.rule] = replace(one, address=address, hits=hits)
    standing = _standing({address for address, _ in wanted})
    fresh = [_entry(one) for place, one in wanted.items() if place not in standing]
    Block.objects.bulk_create(fresh, batch_size=_AT_ONCE)
    for place, one in wanted.items():
        if entry := standing.get(place):
            entry.hits += one.hits
            entry.until_at = max(entry.until_at, one.at + LASTS)
            entry.changed_at = clock.now()
    kept = [standing[place] for place in wanted if place in standing]
    Block.objects.bulk_update(kept, ["hits", "until_at", "changed_at"], batch_size=_AT_ONCE)
    return len(fresh)


def _entry(one: Found) -> Block:
    return Block(
        address=one.address, rule=one.rule, source=one.source, alert=one.alert, by="service:watch", from_at=one.at,
        until_at=one.at + LASTS, hits=one.hits, changed_at=clock.now(),
    )  # fmt: skip


def _standing(named: set[str]) -> dict[tuple[str, str], Block]:
    """The entries of these addresses that block now, by address and rule."""
    found: dict[tuple[str, str], Block] = {}
    wanted = sorted(named)
    for start in range(0, len(wanted), _AT_ONCE):
        rows = in_force().filter(address__in=wanted[start : start + _AT_ONCE])
        found |= {(row.address, row.rule): row for row in rows}
    return found


def _within(address: str, never: Iterable[tuple[Network, str]]) -> str | None:
    """The record of an address that is never blocked and that this would hit, if there is one."""
    wanted = ip_network(address)
    for network, key in never:
        if network.version == wanted.version and network.overlaps(wanted):
            return key
    return None


# --- by people --------------------------------------------------------------------------------------------------------


def block(actor: Actor, address: str, until_at: datetime, reason: str) -> Block:
    """Somebody puts an address, or a network, onto the list. Raises Refused, Invalid, AllowedOnly."""
    require_write(actor, BlockList)
    now = clock.now()
    network = _checked(address, until_at, reason, now)
    with act("block_address", actor.by, reason) as doing:
        if key := _within(network, allowed()):
            raise AllowedOnly(address=network, allowed=key)
        entry = Block.objects.create(
            address=network, rule=BY_HAND, by=actor.by, reason=reason, from_at=now, until_at=until_at, changed_at=now,
        )  # fmt: skip
        doing.note("act", doing.id, {"block": entry.pk, "address": network, "until_at": clock.iso(until_at)})
        return entry


def lift(actor: Actor, entry: int, reason: str) -> Block:
    """Somebody takes an entry off the list before its time. Raises Refused, Invalid, NotFound, LiftedAlready."""
    require_write(actor, BlockList)
    require_reason(reason)
    with act("lift_block", actor.by, reason) as doing:
        standing = Block.objects.select_for_update().filter(pk=entry).first()
        if standing is None:
            raise NotFound(what=Text(f"遮断 {entry}", f"The block {entry}"))
        now = clock.now()
        if standing.lifted_at is not None or standing.until_at <= now:
            raise LiftedAlready(address=standing.address)
        standing.lifted_at, standing.lifted_by, standing.changed_at = now, actor.by, now
        standing.save(update_fields=("lifted_at", "lifted_by", "changed_at"))
        doing.note(
            "act", doing.id, {"lifted": standing.pk, "address": standing.address, "rule": standing.rule}
        )
        return standing


def _checked(address: str, until_at: datetime, reason: str, now: datetime) -> str:
    """The network in its one form. Raises Invalid with all that is wrong."""
    problems: dict[str, list[Text]] = {}
    network = ""
    try:
        network = as_network(address)
    except ValueError:
        problems["address"] = [_NO_NETWORK]
    if not now < until_at <= now + LONGEST:
        problems["until_at"] = [_WRONG_END]
    if not reason.strip():
        problems["reason"] = [NEEDS_REASON]
    if problems:
        raise Invalid(problems)
    return network


def as_network(text: str) -> str:
    """An address or a network in the one form in which the list keeps it. Raises ValueError."""
    text = text.strip()
    if "/" in text:
        network = ip_network(text, strict=False)
        if network.prefixlen < WIDEST[network.version]:
            raise ValueError(text)
        return (
            str(network.network_address)
            if network.num_addresses == 1 and network.version == 4
            else str(network)
        )
    try:
        return block_of(str(ip_address(one_form(text))))
    except BadEvent as error:
        raise ValueError(text) from error


_NO_NETWORK = Text(
    "IPアドレスかネットワーク（CIDR）を指定してください。IPv4は/16、IPv6は/32より広い範囲は指定できません。",
    "Give an IP address or a network (CIDR), no wider than /16 for IPv4 and /32 for IPv6.",
)
_WRONG_END = Text("期限は今より後、1年以内で指定してください。", "The end must lie ahead, within a year.")


# --- who fetches it ---------------------------------------------------------------------------------------------------


def fetched(name: str, *, seen_at: datetime | None = None) -> BlockReader:
    """Note that a device fetched the list now, and up to which change it was told."""
    with transaction.atomic():
        reader, made = BlockReader.objects.select_for_update().get_or_create(
            name=name[:100], defaults={"fetched_at": clock.now(), "seen_at": seen_at}
        )
        if not made:
            reader.fetched_at = clock.now()
            reader.seen_at = seen_at or reader.seen_at
            reader.save(update_fields=("fetched_at", "seen_at"))
        Block.objects.filter(enforced_at=None, until_at__gt=clock.now()).update(enforced_at=clock.now())
        return reader


def forget_old(before: datetime) -> int:
    """Remove entries that ended before an instant: the watch's log still tells of them."""
    return Block.objects.filter(until_at__lt=before).delete()[0]

"""The watch source on record that a sender of events is: by its name, else one made for it."""

from __future__ import annotations

from sekisho.kernel import clock
from sekisho.records.models import Channel, System, WatchSource
from sekisho.workflows.act import Act, next_keys

WATCH = "watch"


def channel_named(name: str) -> Channel | None:
    """The channel that events call so: by its name in the watch, else by key, else by name."""
    if not name:
        return None
    lowered = name.lower()
    standing = list(Channel.objects.filter(until_on=None))
    for told in ("watched_as", "key", "name"):
        for channel in standing:
            if (getattr(channel, told) or "").lower() == lowered:
                return channel
    return None


def source_for(doing: Act, name: str, channel: str) -> str | None:
    """The key of the watch source of a sender. Where none is on record, one is made for the system of its channel.

    None where there is no system in scope: then nothing on record can be watched.
    """
    standing = WatchSource.objects.filter(fed_by=name, until_on=None).order_by("key").first()
    if standing is not None:
        return str(standing.key)
    system = _system_of(channel)
    if system is None:
        return None
    values = {
        "title": f"検知サービス（{name}）"[:200], "system": system, "kind": "transaction", "fed_by": name,
        "since_on": clock.today(), "last_event_at": clock.now(),
    }  # fmt: skip
    return str(doing.put(WatchSource, next_keys(WatchSource)[0], values).key)


def _system_of(channel: str) -> str | None:
    named = channel_named(channel)
    if named is not None and named.system_id:
        return str(named.system_id)
    first = Channel.objects.filter(until_on=None).exclude(system=None).order_by("key").first()
    if first is not None:
        return str(first.system_id)
    system = System.objects.filter(in_scope=True).order_by("key").first()
    return str(system.key) if system else None

"""The state of a kind as of a place in the ledger: the newest version of each record up to it.

Grouped maximum over the index (kind, rec, seq): the fastest form measured (see the research on the ledger).
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import connection
from django.db.models import Max

from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text
from sekisho.ledger.models import Head, Leaf

_STATE = """
SELECT v.rec, v.ver, v.op, v.body, v.by
FROM (SELECT max(seq) AS seq FROM ledger_leaf WHERE kind = %s AND seq < %s GROUP BY rec) newest
JOIN ledger_leaf l ON l.seq = newest.seq
JOIN ledger_version v ON v.id = l.version_id
WHERE v.op <> 'delete'
"""
_CHANGED = """
SELECT v.rec, v.ver, v.op, v.body, v.by
FROM (SELECT max(seq) AS seq FROM ledger_leaf WHERE kind = %s AND seq >= %s AND seq < %s GROUP BY rec) newest
JOIN ledger_leaf l ON l.seq = newest.seq
JOIN ledger_version v ON v.id = l.version_id
"""


class NotYetKnown(SekishoError):
    code = "not_yet_known"
    text = Text(
        "{instant} は未来の時刻です。「記録時点」には過去の時刻を指定し、"
        "先の日の判定には「判定日」を使ってください。",
        "{instant} is in the future. 'Known at' takes a past instant; to judge a day to come, use 'on'.",
    )


Row = tuple[str, int, str, bytes, str]  # rec, ver, op ('delete' only among changes), body, by


def size_at(instant: datetime | None, now: datetime) -> int:
    """How many lines the ledger had at an instant (None: now). The same instant gives the same number for ever."""
    if instant is None:
        return Head.objects.values_list("size", flat=True).filter(pk=1).first() or 0
    if instant > now:
        raise NotYetKnown(instant=instant.isoformat())
    newest = (
        Leaf.objects.filter(at__lte=instant).order_by("-at", "-seq").values_list("seq", flat=True).first()
    )
    return 0 if newest is None else newest + 1


def state(kind: str, size: int) -> Iterator[Row]:
    """Every record of a kind that stood when the ledger had `size` lines."""
    return _rows(_STATE, [kind, size])


def changed(kind: str, since: int, size: int) -> Iterator[Row]:
    """The newest version of each record of a kind among lines `since` to `size`, deletions included."""
    return _rows(_CHANGED, [kind, since, size])


def last_change(kinds: Iterable[str], size: int) -> dict[str, int]:
    """For each kind the place of its last change before `size`; -1 where it has none. One index seek a kind."""
    places = {}
    for kind in kinds:
        newest = (
            Leaf.objects.filter(kind=kind, seq__lt=size)
            .order_by("-seq")
            .values_list("seq", flat=True)
            .first()
        )
        places[kind] = -1 if newest is None else newest
    return places


def kinds_changed(since: int, size: int) -> dict[str, int]:
    """The kinds that changed among lines `since` to `size`, each with the place of its last change there."""
    rows = Leaf.objects.filter(seq__gte=since, seq__lt=size).values_list("kind").annotate(last=Max("seq"))
    return dict(rows.order_by())


def _rows(sql: str, parameters: list[str | int]) -> Iterator[Row]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        while batch := cursor.fetchmany(20_000):
            yield from batch

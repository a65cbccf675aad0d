"""How long what was judged tells of persons: then it is redacted, later dropped; the counts stay.

| where | what becomes of it |
|---|---|
| the segment that is written | it is ended when its oldest event is a day old, sooner where persons may stay no day |
| sealed parts | redacted `personal_days` after their newest event, dropped after `all_days`; counts stay |
| older snapshots | dropped after `personal_days`, where a newer one stands; then no log before it is left |
| what was refused | it tells of no person; dropped after `refused_days`; counts stay |

Redacted: user, device, address and API key become marks under a key that is thrown away, so that within one sealed
part it can still be counted how many there were, and nobody can tell who; IP address, place and agent are emptied.
The newest snapshot is the state that judges: it stays. The compiled kernel's names no one but by keyed hashes.
"""

from __future__ import annotations

import os
import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import msgspec
import polars as pl

from sekisho.watch import history, snapshots
from sekisho.watch.segments import segments, sync_folder

MARKED: Final = ("user", "device", "address", "api_key")
EMPTIED: Final = ("ip", "lat", "lon", "agent")
DAY: Final = 86_400_000  # ms


@dataclass(frozen=True, slots=True)
class Policy:
    """Days after which a sealed part is redacted, and dropped; None: never dropped.

    The member's own numbers are limits (`sekisho.workflows.watch_after.policy`).
    """

    personal_days: int = 400
    all_days: int | None = None
    refused_days: int = 30


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, by name of the sealed part or snapshot."""

    redacted: tuple[str, ...]
    dropped: tuple[str, ...]
    snapshots: tuple[str, ...] = ()


def is_ripe(home: Path, policy: Policy, now_ms: int) -> bool:
    """Whether the segment that is written is to be ended: it would hold persons longer than a day beside others."""
    oldest = oldest_at(home)
    return oldest is not None and now_ms - oldest > min(1, policy.personal_days) * DAY


def oldest_at(home: Path) -> int | None:
    """When the first event of the segment that is written was received; None where there is none."""
    found = segments(history.log_folder(home))
    payload = found[-1].first() if found else None
    return None if payload is None else int(msgspec.json.decode(payload)["at"])


def apply(home: Path, policy: Policy, now_ms: int) -> Done:
    """Redact and drop what is past its days, by when it was received. What was done once is not done again."""
    gone = snapshots.forget(history.snapshot_folder(home), now_ms - policy.personal_days * DAY)
    history.seal(home)
    redacted, dropped = [], []
    for path in history.kept(home):
        counts = _counts_path(home, path)
        if counts.exists() and policy.all_days is None:
            continue
        newest: int | None = pl.scan_parquet(path).select(pl.col("at").max()).collect().item()
        age = now_ms - (newest or 0)
        if policy.all_days is not None and age > policy.all_days * DAY:
            _keep_counts(home, path)
            path.unlink()
            sync_folder(path.parent)
            dropped.append(path.stem)
        elif age > policy.personal_days * DAY and not counts.exists():
            history.write(path, redacted_of(pl.read_parquet(path)))
            _keep_counts(home, path)
            redacted.append(path.stem)
    return Done(tuple(redacted), tuple(dropped), tuple(path.stem for path in gone))


def redacted_of(table: pl.DataFrame) -> pl.DataFrame:
    """The table without persons."""
    key = secrets.token_bytes(32)  # thrown away: nobody can compute a mark again
    marks = [_marked(table[name], key) for name in MARKED]
    empty = [pl.lit(None, table.schema[name]).alias(name) for name in EMPTIED]
    return table.with_columns(*marks, *empty).select(table.columns)


def counts(home: Path) -> list[dict[str, Any]]:
    """What is known of the parts that were redacted or dropped: how many events, by type, action and rule."""
    found = sorted((home / "watch" / "counts").glob("*.json"))
    return [msgspec.json.decode(path.read_bytes()) for path in found]


def _marked(column: pl.Series, key: bytes) -> pl.Series:
    names = column.drop_nulls().unique().to_list()
    marks = ["x" + blake2b(name.encode(), key=key, digest_size=8).hexdigest() for name in names]
    return column.replace_strict(names, marks, default=None, return_dtype=pl.String) if names else column


def _counts_path(home: Path, path: Path) -> Path:
    return home / "watch" / "counts" / f"{path.stem}.json"


def _keep_counts(home: Path, path: Path) -> None:
    kept = _counts_path(home, path)
    if kept.exists():
        return
    table = pl.read_parquet(path)
    told = {
        "part": path.stem,
        "events": len(table),
        "since_ms": table["at"].min(),
        "until_ms": table["at"].max(),
        "users": table["user"].n_unique(),
        "types": _counted(table["typ"]),
        "actions": _counted(table["action"]),
        "rules": _counted(name for names in table["rules"].to_list() for name in names),
        "shadow": _counted(name for names in table["shadow"].to_list() for name in names),
    }
    kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = kept.with_suffix(".tmp")
    with made.open("wb") as file:
        file.write(msgspec.json.encode(told))
        file.flush()
        os.fsync(file.fileno())
    made.rename(kept)
    sync_folder(kept.parent)


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))

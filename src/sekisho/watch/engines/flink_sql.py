"""A program as an Apache Flink SQL job: alerts, block lists and history when one machine is not enough.

The meaning is the kernel's for events whose `ts` never runs backwards, taken up to `LATE` out of order (Flink sorts
them by time; what comes later than that is dropped). Events of one key and one millisecond keep their order while one
task reads them; with more tasks a rule of several layers may see them swapped. Run the script with `sql-client.sh -f`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sekisho.watch.engines.language import NotInEngine, fields_of, refuse_risk
from sekisho.watch.engines.sql import Dialect, condition, hits_of, lowered, text
from sekisho.watch.events import NUMBERS
from sekisho.watch.lists import Listed
from sekisho.watch.program import Op, Program, Step

MOST_LISTED = 10_000  # entries of a list that are written into the job
_TOLD = ("user", "ip", "device", "address")  # fields that an alert carries, where the rules read them
_FOREVER = (Op.FIRST_SEEN, Op.SPEED, Op.DORMANT, Op.REGISTERED)


@dataclass(frozen=True, slots=True)
class Files:
    """Files of events in their normal form, and a folder for the hits: for tests and for history."""

    events: str
    hits: str

    def source(self) -> dict[str, str]:
        return {"connector": "filesystem", "path": self.events, "format": "json"}

    def sink(self) -> dict[str, str]:
        return {"connector": "filesystem", "path": self.hits, "format": "json"}


@dataclass(frozen=True, slots=True)
class Kafka:
    """Two topics. Events must be keyed by what the rules group by, or come in one partition, to keep their order."""

    servers: str
    events: str = "sekisho.events"
    hits: str = "sekisho.hits"
    group: str = "sekisho-watch"

    def source(self) -> dict[str, str]:
        return {
            "connector": "kafka",
            "topic": self.events,
            "properties.bootstrap.servers": self.servers,
            "properties.group.id": self.group,
            "properties.isolation.level": "read_committed",
            "scan.startup.mode": "group-offsets",
            "properties.auto.offset.reset": "earliest",
            "format": "json",
        }

    def sink(self) -> dict[str, str]:
        return {
            "connector": "kafka",
            "topic": self.hits,
            "properties.bootstrap.servers": self.servers,
            "sink.delivery-guarantee": "exactly-once",
            "sink.transactional-id-prefix": self.group,
            "properties.transaction.timeout.ms": "600000",
            "format": "json",
        }


@dataclass(frozen=True, slots=True)
class Job:
    """What is set, and the statements; the last one starts the job."""

    settings: dict[str, str]
    statements: tuple[str, ...]

    def script(self) -> str:
        """For `sql-client.sh -f`."""
        told = [f"SET {text(name)} = {text(value)}" for name, value in self.settings.items()]
        return ";\n\n".join((*told, *self.statements)) + ";\n"


def job(
    program: Program,
    ends: Files | Kafka,
    lists: Mapping[str, Listed] | None = None,
    *,
    checkpoints: str = "",
    every: str = "10 s",
    late: int = 1,
) -> Job:
    """The job. `checkpoints` is the address of a folder; `late` the ms that events may be out of order.

    Raises NotInEngine for a risk score, and for a list that is too long or has networks.
    """
    refuse_risk(program, "Apache Flink")
    dialect = _dialect(lists or {})
    fields = fields_of(program)
    held = "".join(f", {condition(program, c, dialect)} AS c{n}" for n, c in enumerate(program.conditions))
    read = ", ".join(f"`{name}` AS f_{name}" for name in fields)
    parts = [_alert(program, place, dialect, fields) for place in range(len(program.rules))]
    statements = (
        _source(fields, ends.source(), late),
        _sink(fields, ends.sink()),
        f"CREATE TEMPORARY VIEW read_events AS SELECT seq, ts AS now_, rt, {read} FROM events",
        f"CREATE TEMPORARY VIEW e AS SELECT *{held} FROM read_events",
        "INSERT INTO hits\n" + "\nUNION ALL\n".join(parts),
    )
    return Job(_settings(program, checkpoints, every), statements)


def _alert(program: Program, place: int, dialect: Dialect, fields: tuple[str, ...]) -> str:
    rule = program.rules[place]
    told = "".join(f", f_{name}" for name in _TOLD if name in fields)
    action = f"'{rule.action.name.lower()}', {'TRUE' if rule.live else 'FALSE'}"
    return hits_of(program, rule.number, dialect, f"'{rule.name}', {action}, seq, now_{told}")


def _settings(program: Program, checkpoints: str, every: str) -> dict[str, str]:
    wanted = {
        "execution.runtime-mode": "streaming",
        "pipeline.name": f"sekisho watch: {program.name} {program.digest[:12]}",
        "execution.checkpointing.interval": every,
        "execution.checkpointing.mode": "EXACTLY_ONCE",
    }
    if checkpoints:
        wanted["execution.checkpointing.storage"] = "filesystem"
        wanted["execution.checkpointing.dir"] = checkpoints
    if program.steps and not any(step.op in _FOREVER for step in program.steps):
        # What no window reaches any more may go; a day on top for a job that stood still.
        wanted["table.exec.state.ttl"] = f"{2 * program.longest + 86_400_000} ms"
    return wanted


def _source(fields: tuple[str, ...], options: dict[str, str], late: int) -> str:
    """Events of the newest millisecond are still to come: without 1 ms of patience they would count as late."""
    kinds = dict.fromkeys(NUMBERS, "DOUBLE") | {"ok": "BOOLEAN"}
    told = ", ".join(f"`{name}` {kinds.get(name, 'STRING')}" for name in fields)
    rowtime = f"rt AS TO_TIMESTAMP_LTZ(ts, 3), WATERMARK FOR rt AS rt - {_interval(max(late, 1))}"
    return (
        f"CREATE TEMPORARY TABLE events (seq BIGINT, ts BIGINT, {told}, {rowtime}) WITH ({_options(options)})"
    )


def _sink(fields: tuple[str, ...], options: dict[str, str]) -> str:
    told = "".join(f", `{name}` STRING" for name in _TOLD if name in fields)
    columns = f"`rule` STRING, `action` STRING, live BOOLEAN, seq BIGINT, ts BIGINT{told}"
    return f"CREATE TEMPORARY TABLE hits ({columns}) WITH ({_options(options)})"


def _options(options: dict[str, str]) -> str:
    return ", ".join(f"{text(name)} = {text(value)}" for name, value in options.items())


def _interval(ms: int) -> str:
    days, rest = divmod(ms, 86_400_000)
    hours, rest = divmod(rest, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"INTERVAL '{days} {hours:02}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}' DAY(3) TO SECOND(3)"


def _dialect(lists: Mapping[str, Listed]) -> Dialect:
    def listed(step: Step) -> str:
        entries = lists.get(step.list, Listed())
        if entries.networks or len(entries) > MOST_LISTED:
            raise NotInEngine(engine="Apache Flink", rule=step.name, why=f"list {step.list}: {len(entries)}")
        if not entries.texts:
            return "FALSE"
        return f"({lowered(f'f_{step.field}')} IN ({', '.join(text(t) for t in sorted(entries.texts))}))"

    return Dialect(
        name="Apache Flink",
        rows="rt",
        span="rt",
        within=lambda window: f"RANGE BETWEEN {_interval(window - 1)} PRECEDING AND CURRENT ROW",
        contains="(POSITION({1} IN {0}) > 0)",
        starts="STARTSWITH({}, {})",
        ends="ENDSWITH({}, {})",
        listed=listed,
        lag=False,
    )

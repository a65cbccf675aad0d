"""The words in which articles are written.

An article declares its clauses in the rule's order and, under each, the checks that ask it of records::

    CLAUSE_7_1 = clause("7-1", Duty.MUST, "部署ごとに ...", "A system manager for every unit")

    @check("7-1", asks="...", reads=(Unit, Appointment), reasons={"no_manager": ("...", "...")})
    def every_unit_has_a_system_manager(facts, on, limits):
        '''Has every active unit a system manager today, and had it one without a gap for a year?'''

A check is pure: facts, day and limits in; one outcome for each subject out (`answers`). No loop where a set will do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import polars as pl

from sekisho.findings.outcomes import FALLS_SHORT, MEMBER, MET, NO_EVIDENCE, SCHEMA
from sekisho.findings.verdicts import Duty
from sekisho.kernel.texts import Text
from sekisho.records.facts import Facts
from sekisho.records.record import Record
from sekisho.rulebook.limits import Limits

BEGINNING = date(2018, 10, 24)  # the day on which the rule came into force

# --- clauses and checks -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Clause:
    """The smallest numbered part of the rule, in our words.

    `items`: it is judged by these clauses, the worst of them. `read_with`: it shares that clause's verdict.
    `definition`: it sets reach and is never judged.
    """

    citation: str
    duty: Duty
    text: Text
    items: tuple[str, ...] = ()
    read_with: str = ""
    definition: bool = False

    @property
    def article(self) -> str:
        """The article's number as text, such as '7'; a guideline's is that of its article ('G5-1': '5')."""
        return self.citation.removeprefix("G").split("-")[0]

    @property
    def is_guideline(self) -> bool:
        return self.citation.startswith("G")


class CheckFunction(Protocol):
    __name__: str
    __doc__: str | None
    __module__: str

    def __call__(self, facts: Facts, on: date, limits: Limits) -> pl.LazyFrame: ...


@dataclass(frozen=True)
class Check:
    """One question that a clause asks of records. `since` and `until` date it: an amendment adds a new check beside."""

    clause: str
    asks: str
    function: CheckFunction
    reads: tuple[type[Record], ...]
    reasons: dict[str, Text]
    limits: tuple[str, ...] = ()
    since: date = BEGINNING
    until: date | None = None
    name: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.function.__name__)

    @property
    def question(self) -> Text:
        """The check as one question: in English the first line of its documentation."""
        return Text(self.asks, (self.function.__doc__ or "").strip().split("\n")[0])

    def stands_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


NOTHING_RECORDED = "nothing_recorded"
COMMON_REASONS = {
    NOTHING_RECORDED: Text(
        "判定に必要な記録（{kinds}）がありません。記録がないことは充足を意味しません。該当がない場合は「適用なし」の承認を受けてください。",
        "Nothing is recorded to judge by ({kinds}). Silence is not compliance: "
        "record it, or have 'not applicable' approved.",
    )
}
CLAUSES: dict[str, Clause] = {}
CHECKS: dict[str, list[Check]] = {}


def clause(
    citation: str,
    duty: Duty,
    ja: str,
    en: str,
    *,
    items: tuple[str, ...] = (),
    read_with: str = "",
    definition: bool = False,
) -> Clause:
    """Declare a clause. Each citation once."""
    if citation in CLAUSES:
        raise ValueError(f"clause {citation} is declared twice")
    CLAUSES[citation] = Clause(citation, duty, Text(ja, en), items, read_with, definition)
    return CLAUSES[citation]


def check(
    citation: str,
    *,
    asks: str,
    reads: tuple[type[Record], ...],
    reasons: dict[str, tuple[str, str]],
    limits: tuple[str, ...] = (),
    since: date = BEGINNING,
    until: date | None = None,
) -> Callable[[CheckFunction], CheckFunction]:
    """Declare a check of a clause that stands above it.

    `asks`: the question in Japanese; in English it is the first line of the function's documentation.
    `reads`: every kind that it asks. `reasons`: code -> (Japanese, English), with `{fields}` from its data.
    `limits`: every limit that it uses.
    """

    def declared(function: CheckFunction) -> CheckFunction:
        words = {code: Text(*pair) for code, pair in reasons.items()}
        CHECKS.setdefault(citation, []).append(
            Check(citation, asks, function, reads, words, limits, since, until)
        )
        return function

    return declared


# --- answers ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """One way of not being met: when it is so, and what is then told."""

    outcome: str
    when: pl.Expr
    reason: str
    since: pl.Expr
    due: pl.Expr
    who: pl.Expr
    data: dict[str, pl.Expr]


def _expr(value: pl.Expr | date | str | None, dtype: type[pl.DataType]) -> pl.Expr:
    return value.cast(dtype) if isinstance(value, pl.Expr) else pl.lit(value, dtype=dtype)


def falls_short(
    when: pl.Expr,
    reason: str,
    *,
    since: pl.Expr | date | None = None,
    due: pl.Expr | date | None = None,
    who: pl.Expr | str | None = None,
    **data: pl.Expr,
) -> Case:
    """The subject falls short when `when` holds (null counts as not)."""
    return Case(
        FALLS_SHORT, when, reason, _expr(since, pl.Date), _expr(due, pl.Date), _expr(who, pl.String), data
    )


def no_evidence(when: pl.Expr, reason: str, *, who: pl.Expr | str | None = None, **data: pl.Expr) -> Case:
    """Nothing is recorded that would answer: silence is never compliance."""
    nothing = pl.lit(None, dtype=pl.Date)
    return Case(NO_EVIDENCE, when, reason, nothing, nothing, _expr(who, pl.String), data)


def answers(
    rows: pl.LazyFrame, kind: type[Record] | str, *cases: Case, subject: pl.Expr | None = None
) -> pl.LazyFrame:
    """One outcome a row: the first case that holds, else met. `subject` is the subject's key (default: `key`)."""
    name = kind if isinstance(kind, str) else kind.about.name
    key = pl.col("key") if subject is None else subject
    columns = {
        "kind": pl.lit(name),
        "subject": key.cast(pl.String),
        "outcome": _first(cases, [pl.lit(c.outcome) for c in cases], pl.lit(MET)),
        "reason": _first(cases, [pl.lit(c.reason) for c in cases], pl.lit(None, dtype=pl.String)),
        "data": _first(cases, [_json(c.data) for c in cases], pl.lit(None, dtype=pl.String)),
        "since": _first(cases, [c.since for c in cases], pl.lit(None, dtype=pl.Date)),
        "due": _first(cases, [c.due for c in cases], pl.lit(None, dtype=pl.Date)),
        "who": _first(cases, [c.who for c in cases], pl.lit(None, dtype=pl.String)),
    }
    return rows.select(**columns).cast(dict(SCHEMA))  # type: ignore[arg-type]


def member_answers(rows: pl.LazyFrame, *cases: Case) -> pl.LazyFrame:
    """The outcome of the member as a whole, from a frame of exactly one row."""
    return answers(rows, MEMBER, *cases, subject=pl.lit(MEMBER))


def _first(cases: tuple[Case, ...], values: list[pl.Expr], otherwise: pl.Expr) -> pl.Expr:
    chosen = otherwise
    for case, value in reversed(list(zip(cases, values, strict=True))):
        chosen = pl.when(case.when.fill_null(False)).then(value).otherwise(chosen)
    return chosen


def _json(data: dict[str, pl.Expr]) -> pl.Expr:
    if not data:
        return pl.lit("{}")
    return pl.struct(
        *[value.cast(pl.String).alias(name) for name, value in data.items()]
    ).struct.json_encode()


# --- words about records ----------------------------------------------------------------------------------------


def active(rows: pl.LazyFrame, on: date, since: str = "since_on", until: str = "until_on") -> pl.LazyFrame:
    """The rows whose days contain the day, both ends included; no end is open."""
    return rows.filter(stands(on, since, until))


def stands(on: date, since: str = "since_on", until: str = "until_on") -> pl.Expr:
    """Whether a row's days contain the day, both ends included; no end is open, no beginning has not come."""
    return (pl.col(since) <= on) & (pl.col(until).is_null() | (pl.col(until) >= on))


def blank(column: str) -> pl.Expr:
    """Whether a field of text holds nothing to read."""
    return pl.col(column).fill_null("").str.strip_chars() == ""


def overdue(on: date, due: str = "due_on", done: str = "done_on") -> pl.Expr:
    """Whether something was due before the day and is not done by it. On its last day it is not overdue yet."""
    return (pl.col(due) < on) & (pl.col(done).is_null() | (pl.col(done) > on))


def role(name: str, unit: pl.Expr | None = None) -> pl.Expr:
    """Who must act, by role; with `unit`, the one of that unit."""
    if unit is None:
        return pl.lit(f"role:{name}")
    return pl.concat_str(pl.lit(f"role:{name}@"), unit)


def person(key: str | pl.Expr) -> pl.Expr:
    """Who must act: the person whose key stands in the column; null where none stands there."""
    return pl.concat_str(pl.lit("person:"), pl.col(key) if isinstance(key, str) else key)


def reference(kind: str, key: str = "key") -> pl.Expr:
    """`kind:key` as any_reference fields hold it."""
    return pl.concat_str(pl.lit(f"{kind}:"), pl.col(key))


def day_of(instant: str | pl.Expr) -> pl.Expr:
    """The day in Japan of an instant."""
    expression = pl.col(instant) if isinstance(instant, str) else instant
    return expression.dt.convert_time_zone("Asia/Tokyo").dt.date()


def fiscal_year(profiles: pl.LazyFrame, on: date) -> pl.LazyFrame:
    """The member's fiscal year on a day, one row: year (Int64, that of its first day), year_from_on, last_from_on.

    `profiles`: the member's profiles; the newest of the day that names a first month decides, else it is April.
    `last_from_on` is the first day of the year before.
    """
    named = profiles.filter(pl.col("as_of_on") <= on, pl.col("fiscal_year_starts").is_not_null())
    month = named.sort("as_of_on", "key").select(month=pl.col("fiscal_year_starts").last().fill_null(4))
    year = (pl.lit(on.year) - (pl.col("month") > on.month).cast(pl.Int64)).cast(pl.Int64)
    return month.select(
        year=year,
        year_from_on=pl.date(year, pl.col("month"), 1),
        last_from_on=pl.date(year - 1, pl.col("month"), 1),
    )


def minute_of(instant: str | pl.Expr) -> pl.Expr:
    """An instant as people in Japan write it: 2026-11-23 18:05."""
    expression = pl.col(instant) if isinstance(instant, str) else instant
    return expression.dt.convert_time_zone("Asia/Tokyo").dt.to_string("%Y-%m-%d %H:%M")


def day_after(day: str | pl.Expr) -> pl.Expr:
    """The first day past a last good day."""
    return (pl.col(day) if isinstance(day, str) else day) + pl.duration(days=1)


def one(**columns: pl.Expr | object) -> pl.LazyFrame:
    """A frame of one row with these constants."""
    return pl.LazyFrame({"_": [0]}).with_columns(**columns)


def summed_up(rows: pl.LazyFrame, **columns: pl.Expr) -> pl.LazyFrame:
    """Exactly one row of aggregates, also of no rows."""
    return rows.select(**columns)


def approvals(facts: Facts, kind: type[Record], roles: frozenset[str], on: date) -> pl.LazyFrame:
    """The standing approvals of records of a kind by an entitled person, newest decision per record.

    Columns: key (the record's), approved_on (Date), decided_by. A decision counts where the one who decided held one
    of the roles on that day and is not the one who asked. A check that asks this reads Approval, Appointment, Person.
    """
    from sekisho.records.models import Approval  # noqa: PLC0415 - models are ready when a check runs

    decided = facts[Approval].filter(pl.col("step") == "approved", pl.col("decided_by") != pl.col("asked_by"))
    decided = decided.with_columns(approved_on=day_of("at")).filter(
        pl.col("approved_on") <= on, pl.col("subject").str.starts_with(f"{kind.about.name}:")
    )
    return (
        by_holder(decided, "decided_by", "approved_on", holders(facts, *roles))
        .sort("at", "key")
        .with_columns(key=pl.col("subject").str.slice(len(kind.about.name) + 1))
        .group_by("key")
        .agg(pl.col("approved_on").last(), pl.col("decided_by").last())
    )


def holders(facts: Facts, *roles: str) -> pl.LazyFrame:
    """The appointments to these roles, each over with the person's last day at the member at the latest.

    Columns of Appointment. A check that asks this reads Appointment and Person.
    """
    from sekisho.records.models import Appointment, Person  # noqa: PLC0415 - models are ready when a check runs

    people = facts[Person].select(person="key", left_on="left_on")
    return (
        facts[Appointment]
        .filter(pl.col("role").is_in(sorted(roles)))
        .join(people, on="person", how="left")
        .with_columns(until_on=pl.min_horizontal("until_on", "left_on"))
        .drop("left_on")
    )


def by_holder(rows: pl.LazyFrame, person: str, day: str, held: pl.LazyFrame) -> pl.LazyFrame:
    """The rows (by `key`) whose person held one of the offices in `held` on the row's day."""
    terms = held.select("person", _from="since_on", _until="until_on")
    matched = rows.join(terms, left_on=person, right_on="person").filter(
        pl.col("_from") <= pl.col(day), pl.col("_until").is_null() | (pl.col("_until") >= pl.col(day))
    )
    return rows.join(matched.select("key"), on="key", how="semi")


def cover(rows: pl.LazyFrame, by: str, start: pl.LazyFrame, on: date) -> pl.LazyFrame:
    """How a set of periods covers the days from a start to a day, per group.

    `rows`: since_on, until_on (null: open) and the column `by`. `start`: one row per group with `by` and `start_on`.
    Returns one row per group of `start`: by, start_on, covered (today), vacant_since (the first day not covered, where
    today is not), gap_from and gap_until (the newest gap between start and the day before today's cover; null if none).
    """
    last_day = pl.lit(on)
    clipped = (
        start.join(rows.select(by, "since_on", "until_on"), on=by, how="left")
        .with_columns(
            lower=pl.max_horizontal("since_on", "start_on"),
            upper=pl.min_horizontal(pl.col("until_on").fill_null(last_day), last_day),
        )
        .with_columns(counts=pl.col("since_on").is_not_null() & (pl.col("lower") <= pl.col("upper")))
        .with_columns(
            lower=pl.when("counts").then("lower"),
            upper=pl.when("counts").then("upper"),
        )
        .sort("lower", nulls_last=True)
        .with_columns(reached=pl.col("upper").cum_max().shift(1).over(by))
        .with_columns(expected=pl.coalesce(pl.col("reached") + pl.duration(days=1), pl.col("start_on")))
        .with_columns(is_gap=pl.col("lower") > pl.col("expected"))
    )
    return (
        clipped.group_by(by)
        .agg(
            pl.col("start_on").first(),
            last=pl.col("upper").max(),
            gap_from=pl.col("expected").filter(pl.col("is_gap")).last(),
            gap_until=(pl.col("lower") - pl.duration(days=1)).filter(pl.col("is_gap")).last(),
        )
        .with_columns(covered=(pl.col("last") == on).fill_null(False))
        .with_columns(
            vacant_since=pl.when(~pl.col("covered")).then(
                pl.coalesce(pl.col("last") + pl.duration(days=1), pl.col("start_on"))
            )
        )
    )

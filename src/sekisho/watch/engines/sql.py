"""A program as SQL that needs nothing but windows: DuckDB and Flink say the same, each in its dialect.

Each step becomes a stack of selects, each with one kind of window (Flink allows no more), over the relation of the
events with one column for every condition. Windows order by arrival, so that events of one millisecond keep it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_network

from sekisho.watch.engines.language import asked_by, chain_of, conditions_of
from sekisho.watch.events import NUMBERS
from sekisho.watch.program import AND, NOT, Condition, Match, Op, Program, Step, Test

_LETTERS = ("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_NEVER_NULL = ("now_", "f_lat", "f_lon")
_DEGREE = "CAST('0.017453292519943295' AS DOUBLE)"  # pi / 180, as the kernel has it


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one engine says what they say differently. `rows` and `span` are the columns that windows order by.

    `lag` says whether LAG goes by rows. Flink's goes by time, so that events of one millisecond see each other.
    """

    name: str
    rows: str
    span: str
    within: Callable[[int], str]  # a window of so many ms, from its beginning to the current row
    contains: str
    starts: str
    ends: str
    listed: Callable[[Step], str]
    lag: bool = True


@dataclass(frozen=True, slots=True)
class _Layer:
    """One select: columns over one kind of window ("lag", "rows", "span", or a length in ms).

    "lag" is the value of some rows before (`back`); a column of it is the value itself, zero or more where not null.
    """

    by: tuple[str, ...]
    kind: str | int
    columns: tuple[tuple[str, str], ...]  # expression, alias
    back: int = 0


def text(value: str) -> str:
    """A text as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"


def number(value: float) -> str:
    """A number as the very double that it is."""
    return f"CAST('{value!r}' AS DOUBLE)"


def lowered(expression: str) -> str:
    return f"TRANSLATE({expression}, '{_LETTERS[0]}', '{_LETTERS[1]}')"


def units(amount: str) -> str:
    """An amount in millionths, half to even, as `events.units` rounds."""
    x = f"({amount} * CAST('1000000' AS DOUBLE))"
    half, down = f"({x} - FLOOR({x}))", f"CAST(FLOOR({x}) AS BIGINT)"
    up = f"{half} > 0.5 OR ({half} = 0.5 AND MOD({down}, 2) = 1)"
    return f"(CASE WHEN {up} THEN {down} + 1 ELSE {down} END)"


# --- tests and conditions -----------------------------------------------------------------------------------


def condition(program: Program, of: Condition, dialect: Dialect) -> str:
    """The condition as an expression that is never null."""
    stack: list[str] = []
    for code in of.code:
        if code >= 0:
            stack.append(f"COALESCE({_test(program.tests[code], dialect)}, FALSE)")
        elif code == NOT:
            stack.append(f"(NOT {stack.pop()})")
        else:
            second, first = stack.pop(), stack.pop()
            stack.append(f"({first} {'AND' if code == AND else 'OR'} {second})")
    return stack[0]


def _test(test: Test, dialect: Dialect) -> str:
    column = f"f_{test.field}"
    if test.match is Match.EXISTS:
        return f"{'f_ip_hex' if test.field == 'ip_hex' else column} IS NOT NULL"
    (value,) = test.values
    if test.field == "ok":
        return f"{column} = {'TRUE' if value else 'FALSE'}"
    if test.field in NUMBERS:
        sign = {
            Match.EQUALS: "=",
            Match.LESS: "<",
            Match.AT_MOST: "<=",
            Match.MORE: ">",
            Match.AT_LEAST: ">=",
        }
        return f"{column} {sign[test.match]} {number(float(value))}"
    if test.match is Match.CIDR:
        return _network(str(value))
    read = column if test.cased or test.field == "typ" else lowered(column)
    if test.match is Match.EQUALS:
        return f"{read} = {text(str(value))}"
    if not value:
        return f"{column} IS NOT NULL"
    form = {Match.CONTAINS: dialect.contains, Match.STARTS: dialect.starts, Match.ENDS: dialect.ends}
    return form[test.match].format(read, text(str(value)))


def _network(value: str) -> str:
    """A network is a range of addresses of one length, written in hexadecimal digits."""
    network = ip_network(value)
    first, last = network.network_address.packed.hex(), network.broadcast_address.packed.hex()
    return f"(CHAR_LENGTH(f_ip_hex) = {len(first)} AND f_ip_hex >= '{first}' AND f_ip_hex <= '{last}')"


# --- steps --------------------------------------------------------------------------------------------------


def hits_of(program: Program, n: int, dialect: Dialect, columns: str) -> str:
    """A select of the events (`columns`) for which the rule with this number holds, from the relation `e`."""
    first = len(program.conditions)
    if n < first:
        return f"SELECT {columns} FROM e WHERE c{n}"
    needed = " OR ".join(f"c{c}" for c in sorted(conditions_of(program, n)))
    relation = f"SELECT * FROM e WHERE {needed}"
    for place in chain_of(program, n):
        relation = _kept(program, place, relation, dialect)
    step = program.steps[n - first]
    asked = f"SELECT * FROM ({relation}) WHERE {_asked(program, step)}"
    stacked, fires = _stacked(program, step, asked, dialect, ())
    return f"SELECT {columns} FROM ({stacked}) WHERE {fires}"


def _kept(program: Program, place: int, relation: str, dialect: Dialect) -> str:
    """The relation with one column more: whether the step fires. Events that it is not asked stay in it."""
    step, flag = program.steps[place], f"a{place}"
    flagged = f"SELECT *, ({_asked(program, step)}) AS {flag} FROM ({relation})"
    stacked, fires = _stacked(program, step, flagged, dialect, (flag,))
    return f"SELECT *, ({flag} AND COALESCE({fires}, FALSE)) AS s{place} FROM ({stacked})"


def _bit(program: Program, n: int) -> str:
    first = len(program.conditions)
    return f"c{n}" if n < first else f"s{n - first}"


def _any(program: Program, numbers: tuple[int, ...]) -> str:
    return "(" + " OR ".join(_bit(program, n) for n in numbers) + ")" if numbers else "FALSE"


def _asked(program: Program, step: Step) -> str:
    """Whether the step is asked about an event: an input holds, and what it reads is there."""
    needed = [_any(program, asked_by(step))]
    read = [*step.key, *([step.field] if step.field else [])]
    read += ["lat", "lon"] if step.op is Op.SPEED else []
    needed += [f"f_{name} IS NOT NULL" for name in dict.fromkeys(read)]
    if step.op is Op.SUM:
        needed.append(f"{units('f_amount')} >= {step.least}")
    return " AND ".join(needed)


def _stacked(
    program: Program, step: Step, relation: str, dialect: Dialect, also: tuple[str, ...]
) -> tuple[str, str]:
    """The relation with the step's windows over it, and the expression that says whether the step fires."""
    place = program.steps.index(step)
    layers, fires = _LAYERS[step.op](_Words(program, step, f"w{place}_", dialect))
    for layer in layers:
        relation = _select(layer, relation, dialect, also)
    return relation, fires


def _select(layer: _Layer, relation: str, dialect: Dialect, also: tuple[str, ...]) -> str:
    if not layer.by:
        told = ", ".join(f"{expression} AS {alias}" for expression, alias in layer.columns)
        return f"SELECT *, {told} FROM ({relation})"
    by = ", ".join((*layer.by, *also))
    if layer.kind == "lag":
        return (_lag if dialect.lag else _lag_by_rows)(
            layer, relation, f"PARTITION BY {by} ORDER BY {dialect.rows}"
        )
    frames = {
        "rows": f"ORDER BY {dialect.rows} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",
        "span": f"ORDER BY {dialect.span} RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",
    }
    frame = (
        frames[layer.kind]
        if isinstance(layer.kind, str)
        else f"ORDER BY {dialect.span} {dialect.within(layer.kind)}"
    )
    told = ", ".join(
        f"{expression} OVER (PARTITION BY {by} {frame}) AS {alias}" for expression, alias in layer.columns
    )
    return f"SELECT *, {told} FROM ({relation})"


def _lag(layer: _Layer, relation: str, window: str) -> str:
    told = ", ".join(
        f"LAG({value}, {layer.back}) OVER ({window}) AS {alias}" for value, alias in layer.columns
    )
    return f"SELECT *, {told} FROM ({relation})"


def _lag_by_rows(layer: _Layer, relation: str, window: str) -> str:
    """The first of the last rows, where there are so many. FIRST_VALUE passes over nulls, so they stand as -1."""
    frame = f"OVER ({window} ROWS BETWEEN {layer.back} PRECEDING AND CURRENT ROW)"
    named = [
        (value if value in _NEVER_NULL else f"COALESCE({value}, -1)", alias) for value, alias in layer.columns
    ]
    first = ", ".join(f"FIRST_VALUE({value}) {frame} AS {alias}_first" for value, alias in named)
    rows = f"{layer.columns[0][1]}_rows"
    whole = f"SELECT *, {first}, COUNT(*) {frame} AS {rows} FROM ({relation})"
    told = ", ".join(
        f"CASE WHEN {rows} > {layer.back}{'' if value in _NEVER_NULL else f' AND {alias}_first >= 0'} THEN {alias}_first END AS {alias}"
        for value, alias in layer.columns
    )
    return f"SELECT *, {told} FROM ({whole})"


@dataclass(frozen=True, slots=True)
class _Words:
    """A step with the names of the columns that it adds."""

    program: Program
    step: Step
    prefix: str
    dialect: Dialect

    def __call__(self, name: str) -> str:
        return self.prefix + name

    @property
    def key(self) -> tuple[str, ...]:
        return tuple(f"f_{name}" for name in self.step.key)

    @property
    def valued(self) -> tuple[str, ...]:
        """The key with the value."""
        return tuple(dict.fromkeys((*self.key, f"f_{self.step.field}")))

    def bit(self, n: int) -> str:
        return _bit(self.program, n)


_Stack = tuple[list[_Layer], str]


def _before(by: tuple[str, ...], expression: str, alias: str, back: int = 1) -> _Layer:
    return _Layer(by, "lag", ((expression, alias),), back)


def _count(w: _Words) -> _Stack:
    if w.step.n == 1:
        return [], "TRUE"
    at = w("at")
    return [_before(w.key, "now_", at, w.step.n - 1)], f"({at} IS NOT NULL AND {at} > now_ - {w.step.window})"


def _distinct(w: _Words) -> _Stack:
    """Values within the window, less those that only later events of the same millisecond brought."""
    before, new, window = w("before"), w("new"), w.step.window
    layers = [
        _Layer(w.key, window, ((f"COUNT(DISTINCT f_{w.step.field})", w("values")),)),
        _before(w.valued, "now_", before),
        _Layer(
            (), "", ((f"CASE WHEN {before} IS NULL OR {before} <= now_ - {window} THEN 1 ELSE 0 END", new),)
        ),
        _Layer(w.key, "rows", ((f"SUM({new})", w("so_far")),)),
        _Layer(w.key, "span", ((f"SUM({new})", w("by_then")),)),
    ]
    return layers, f"({w('values')} - ({w('by_then')} - {w('so_far')}) >= {w.step.n})"


def _sum(w: _Words) -> _Stack:
    """Amounts within the window, less those of later events of the same millisecond."""
    amount = w("amount")
    capped = f"CAST(LEAST({units('f_amount')}, {w.step.n}) AS DECIMAL(38, 0))"
    layers = [
        _Layer((), "", ((capped, amount),)),
        _Layer(w.key, w.step.window, ((f"SUM({amount})", w("sum")),)),
        _Layer(w.key, "rows", ((f"SUM({amount})", w("so_far")),)),
        _Layer(w.key, "span", ((f"SUM({amount})", w("by_then")),)),
    ]
    return layers, f"({w('sum')} - ({w('by_then')} - {w('so_far')}) >= {w.step.n})"


def _latest(w: _Words, n: int, value: str = "now_") -> str:
    return f"MAX(CASE WHEN {w.bit(n)} THEN {value} END)"


def _together(w: _Words) -> _Stack:
    names = [(w(f"last{place}"), n) for place, n in enumerate(w.step.inputs)]
    layer = _Layer(w.key, "rows", tuple((_latest(w, n), name) for name, n in names))
    fires = " AND ".join(f"({name} IS NOT NULL AND now_ - {name} <= {w.step.window})" for name, _ in names)
    return [layer], f"({fires})"


def _ordered(w: _Words) -> _Stack:
    """For each part the latest beginning of a run that came so far, as it was before the event."""
    layers, begun = [], "now_"
    for place, n in enumerate(w.step.inputs[:-1]):
        layers.append(_Layer(w.key, "rows", ((_latest(w, n, begun), w(f"with{place}")),)))
        begun = w(f"begun{place}")
        layers.append(_before(w.key, w(f"with{place}"), begun))
    last = w.bit(w.step.inputs[-1])
    return layers, f"({last} AND {begun} IS NOT NULL AND now_ - {begun} <= {w.step.window})"


def _first_seen(w: _Words) -> _Stack:
    known, same, window = w("known"), w("same"), w.step.window
    layers = [_before(w.key, "now_", known), _before(w.valued, "now_", same)]
    if not window:
        return layers, f"({known} IS NOT NULL AND {same} IS NULL)"
    recently = f"{known} IS NOT NULL AND now_ - {known} <= {window}"
    return layers, f"({recently} AND ({same} IS NULL OR now_ - {same} > {window}))"


def _speed(w: _Words) -> _Stack:
    at, lat, lon = w("at"), w("lat"), w("lon")
    told = (("now_", at), ("f_lat", lat), ("f_lon", lon))
    north = f"POWER(SIN((f_lat - {lat}) * {_DEGREE} / 2), 2)"
    east = f"COS({lat} * {_DEGREE}) * COS(f_lat * {_DEGREE}) * POWER(SIN((f_lon - {lon}) * {_DEGREE} / 2), 2)"
    way = f"(CAST('12742' AS DOUBLE) * ASIN(SQRT(LEAST({north} + {east}, CAST('1' AS DOUBLE)))))"
    hours = f"(CAST(now_ - {at} AS DOUBLE) / CAST('3600000' AS DOUBLE))"
    layers = [_Layer(w.key, "lag", told, 1), _Layer((), "", ((way, w("way")),))]
    far, fast = number(w.step.far), number(w.step.fast)
    return layers, f"({at} IS NOT NULL AND {w('way')} > {far} AND {w('way')} > {fast} * {hours})"


def _dormant(w: _Words) -> _Stack:
    at = w("at")
    return [_before(w.key, "now_", at)], f"({at} IS NOT NULL AND now_ - {at} > {w.step.window})"


def _registered(w: _Words) -> _Stack:
    """The first registration since the last removal, as it was before the event."""
    removed, added = _any(w.program, w.step.removed_by), _any(w.program, w.step.added_by)
    era, since, at = w("era"), w("since"), w("at")
    layers = [
        _Layer(w.valued, "rows", ((f"SUM(CASE WHEN {removed} THEN 1 ELSE 0 END)", era),)),
        _Layer((*w.valued, era), "rows", ((f"MIN(CASE WHEN {added} THEN now_ END)", since),)),
        _before(w.valued, since, at),
    ]
    asked = _any(w.program, w.step.inputs)
    return layers, f"({asked} AND ({at} IS NULL OR now_ - {at} < {w.step.window}))"


def _in_list(w: _Words) -> _Stack:
    return [], w.dialect.listed(w.step)


_LAYERS: dict[Op, Callable[[_Words], _Stack]] = {
    Op.COUNT: _count,
    Op.DISTINCT: _distinct,
    Op.SUM: _sum,
    Op.TOGETHER: _together,
    Op.ORDERED: _ordered,
    Op.FIRST_SEEN: _first_seen,
    Op.SPEED: _speed,
    Op.DORMANT: _dormant,
    Op.REGISTERED: _registered,
    Op.IN_LIST: _in_list,
}

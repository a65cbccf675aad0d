"""A program as Valkey functions, for synchronous decisions that several machines give together.

Each machine judges the conditions by itself and asks Valkey for the steps, whose state lives there: one call for all
steps whose key begins with the same field. That field is the hash tag of all keys of the call ({user:...}, {ip:...}),
so each call stays on one node of a cluster. State with a window expires by itself; profiles stay.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from sekisho.kernel.texts import Text
from sekisho.watch.engines.language import asked_by, refuse_risk
from sekisho.watch.events import Event, block_of, units
from sekisho.watch.judge import make_kernel
from sekisho.watch.lists import Listed
from sekisho.watch.program import Action, Op, Program, Rule, Step

SLACK = 720_000  # ms that state outlives its window: events may be late, and clocks differ
PREFIX = "sekisho:watch:"
_PART = 1_000_000_000  # sums are kept in two parts: Lua's numbers are exact only to 2**53


class Client(Protocol):
    """What is asked of a client: `valkey.Valkey` and `valkey.ValkeyCluster` have it."""

    def function_load(self, code: str, replace: bool | None = False) -> Any: ...
    def fcall(self, function: str, numkeys: int, *keys_and_args: Any) -> Any: ...


@dataclass(frozen=True, slots=True)
class Call:
    """The steps (by place) that one call asks: they stand on what was answered before it."""

    tag: str  # the field that is the hash tag
    steps: tuple[int, ...]


def calls(program: Program) -> tuple[Call, ...]:
    """The calls of a program, in their order; a step that stands on another's answer comes in a later call or place."""
    first = len(program.conditions)
    rounds: dict[int, tuple[int, str]] = {}  # of each step: round and tag; lists are looked up without a call
    for place, step in enumerate(program.steps):
        tag, number = step.key[0] if step.key else "", 0
        for n in asked_by(step):
            if n >= first:
                before, other = rounds[n - first]
                number = max(number, before + (other not in ("", tag)))
        rounds[place] = (number, tag)
    wanted = sorted({key for key in rounds.values() if key[1]})
    return tuple(
        Call(tag, tuple(p for p, key in rounds.items() if key == (number, tag))) for number, tag in wanted
    )


def library(program: Program) -> tuple[str, str]:
    """The function's name and the library's text, for FUNCTION LOAD. Raises NotInEngine."""
    refuse_risk(program, "Valkey")
    first = len(program.conditions)
    told = ",\n".join(_told(step, first + place) for place, step in enumerate(program.steps))
    code = _LUA.replace("@STEPS@", told).replace("@SLACK@", str(SLACK)).replace("@PART@", str(_PART))
    name = "sekisho_" + hashlib.sha256(code.encode()).hexdigest()[:16]
    return name, f"#!lua name={name}\n{code.replace('@NAME@', name)}"


def _told(step: Step, number: int) -> str:
    sets = {
        "inputs": step.inputs,
        "added": step.added_by,
        "removed": step.removed_by,
        "asked": asked_by(step),
    }
    told = [f"number={number}", f"op='{step.op.name}'", f"window={step.window}", f"n={step.n}"]
    told += [f"high={step.n // _PART}", f"low={step.n % _PART}", f"far={step.far!r}", f"fast={step.fast!r}"]
    told += [f"{name}={{{','.join(map(str, numbers))}}}" for name, numbers in sets.items()]
    return "  {" + ", ".join(told) + "}"


def mark(program: Program, number: int) -> str:
    """What a rule's state is kept under: the same as long as the rule, and all that it stands on, says the same."""
    return hashlib.sha256(repr(_said(program, number)).encode()).hexdigest()[:16]


def _said(program: Program, number: int) -> tuple[Any, ...]:
    first = len(program.conditions)
    if number < first:
        code = program.conditions[number].code
        return tuple(program.tests[part] if part >= 0 else part for part in code)
    step = program.steps[number - first]
    named = [
        [_said(program, n) for n in numbers] for numbers in (step.inputs, step.added_by, step.removed_by)
    ]
    return (replace(step, inputs=(), added_by=(), removed_by=()), named)


class Shared:
    """A program whose state is shared through Valkey. `decide` answers as the kernel does."""

    def __init__(self, client: Client, program: Program, lists: Mapping[str, Listed] | None = None) -> None:
        self.program = program
        self.newest = 0
        self._client = client
        self._lists = {name: Listed() for name in program.lists} | dict(lists or {})
        self._name, code = library(program)
        client.function_load(code, replace=True)
        self._calls = calls(program)
        self._first = len(program.conditions)
        self._marks = [mark(program, self._first + place) for place in range(len(program.steps))]
        self._looked_up = [p for p, step in enumerate(program.steps) if step.op is Op.IN_LIST]
        self._conditions = make_kernel(_only_conditions(program))
        self._places = {rule.number: place for place, rule in enumerate(program.rules)}

    def decide(self, event: Event) -> tuple[int, ...]:
        """Judge one event; the rules that fire, as places in `program.rules`. Raises the client's errors."""
        self.newest = now = max(self.newest, event.ts)
        held = set(self._conditions.decide(event))
        if not held:
            return ()
        self._look_up(event, held)
        for call in self._calls:
            held |= self._asked(call, event, now, held)
            self._look_up(event, held)
        return tuple(sorted(self._places[n] for n in held if n in self._places))

    def _look_up(self, event: Event, held: set[int]) -> None:
        for place in self._looked_up:
            step = self.program.steps[place]
            value = _value(event, step.field)
            if value is not None and held.intersection(step.inputs) and self._lists[step.list].has(value):
                held.add(self._first + place)

    def _asked(self, call: Call, event: Event, now: int, held: set[int]) -> set[int]:
        """One call: the numbers of the steps that fired. None is made where no step can be asked."""
        tag = _value(event, call.tag)
        reachable, keys, words = set(held), [], []
        base = f"{PREFIX}{{{call.tag}:{tag}}}:"
        for place in call.steps:
            step = self.program.steps[place]
            told = _words(event, step) if tag is not None and reachable.intersection(asked_by(step)) else None
            if told is not None:
                reachable.add(self._first + place)
                keys.append(f"{base}{self._marks[place]}:{told[0]}")
                words += [place + 1, told[1]]
        if not keys:
            return set()
        numbers = ",".join(map(str, sorted(held)))
        fired = self._client.fcall(self._name, len(keys) + 1, f"{base}now", *keys, now, numbers, *words)
        return {int(n) for n in fired}


def _only_conditions(program: Program) -> Program:
    """The same conditions, each reported by its own number, and no steps."""
    words = Text("", "")
    rules = tuple(
        Rule(c.name, "", n, Action.ALLOW, 0, words, True, "", "") for n, c in enumerate(program.conditions)
    )
    return replace(program, steps=(), rules=rules)


def _value(event: Event, field: str) -> str | None:
    if field == "ip_block":
        return None if event.ip is None else block_of(event.ip)
    found: str | None = getattr(event, field)
    return found


def _words(event: Event, step: Step) -> tuple[str, str] | None:
    """The rest of the state's key, and the value that the step reads; None where it is not asked."""
    parts = [_value(event, name) for name in step.key]
    value: str | None = ""
    if step.op is Op.SUM:
        if event.amount is None or (amount := units(event.amount)) < step.least:
            return None
        value = "{}:{}".format(*divmod(min(amount, step.n), _PART))
    elif step.op is Op.SPEED:
        value = None if event.lat is None or event.lon is None else f"{event.lat!r}:{event.lon!r}"
    elif step.field:
        value = _value(event, step.field)
    if value is None or None in parts:
        return None
    if step.op is Op.REGISTERED:
        parts.append(value)
    return json.dumps(parts[1:], ensure_ascii=False), value


_LUA = """
local STEPS = {
@STEPS@
}
local SLACK, PART, DEGREE = @SLACK@, @PART@, 0.017453292519943295

local function any(held, numbers)
  for _, number in ipairs(numbers) do
    if held[number] then return true end
  end
  return false
end

local function whole(number)
  return string.format('%.0f', number)
end

local function two(text)
  local first, second = string.match(text, '^(.-):(.*)$')
  return tonumber(first), tonumber(second)
end

local function live(key, step)
  server.call('PEXPIRE', key, whole(step.window + SLACK))
end

local OPS = {}

function OPS.COUNT(step, key, now)
  local length = server.call('RPUSH', key, whole(now))
  if length > step.n then
    server.call('LTRIM', key, -step.n, -1)
    length = step.n
  end
  live(key, step)
  return length == step.n and tonumber(server.call('LINDEX', key, 0)) > now - step.window
end

function OPS.DISTINCT(step, key, now, value)
  server.call('ZADD', key, whole(now), value)
  local length = server.call('ZCARD', key)
  if length > step.n then
    server.call('ZREMRANGEBYRANK', key, 0, length - step.n - 1)
    length = step.n
  end
  live(key, step)
  if length < step.n then return false end
  return tonumber(server.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2]) > now - step.window
end

function OPS.SUM(step, key, now, value)
  server.call('RPUSH', key, whole(now) .. ':' .. value)
  live(key, step)
  local rows, high, low, keep = server.call('LRANGE', key, 0, -1), 0, 0, 0
  for place = #rows, 1, -1 do
    local at, high_part, low_part = string.match(rows[place], '^(%d+):(%d+):(%d+)$')
    if tonumber(at) <= now - step.window then break end
    high, low, keep = high + tonumber(high_part), low + tonumber(low_part), keep + 1
    if low >= PART then high, low = high + 1, low - PART end
    if high > step.high or (high == step.high and low >= step.low) then
      server.call('LTRIM', key, -keep, -1)
      return true
    end
  end
  server.call('LTRIM', key, -keep, -1)
  return false
end

function OPS.TOGETHER(step, key, now, _, held)
  local fires = true
  for place, number in ipairs(step.inputs) do
    if held[number] then
      server.call('HSET', key, place, whole(now))
    else
      local at = server.call('HGET', key, place)
      fires = fires and at and now - tonumber(at) <= step.window
    end
  end
  live(key, step)
  return fires
end

function OPS.ORDERED(step, key, now, _, held)
  local last = #step.inputs
  local row = server.call('HMGET', key, unpack((function()
    local places = {}
    for place = 1, last - 1 do places[place] = place end
    return places
  end)()))
  local before = row[last - 1]
  local fires = held[step.inputs[last]] and before and now - tonumber(before) <= step.window
  local changed = false
  for place = last - 1, 2, -1 do
    if held[step.inputs[place]] and row[place - 1] then
      if not row[place] or tonumber(row[place - 1]) > tonumber(row[place]) then
        server.call('HSET', key, place, row[place - 1])
        changed = true
      end
    end
  end
  if held[step.inputs[1]] then
    server.call('HSET', key, 1, whole(now))
    changed = true
  end
  if changed then live(key, step) end
  return fires
end

function OPS.FIRST_SEEN(step, key, now, value)
  if step.window == 0 then
    local known = server.call('EXISTS', key) == 1
    return server.call('SADD', key, value) == 1 and known
  end
  local newest, seen = server.call('ZRANGE', key, -1, -1, 'WITHSCORES')[2], server.call('ZSCORE', key, value)
  server.call('ZADD', key, whole(now), value)
  server.call('ZREMRANGEBYSCORE', key, '-inf', '(' .. whole(now - step.window))
  live(key, step)
  local known = newest and now - tonumber(newest) <= step.window
  return known and (not seen or now - tonumber(seen) > step.window)
end

function OPS.SPEED(step, key, now, value)
  local before = server.call('GETSET', key, whole(now) .. ':' .. value)
  if not before then return false end
  local at, place = string.match(before, '^(%d+):(.*)$')
  local lat, lon = two(place)
  local lat2, lon2 = two(value)
  local a = math.sin((lat2 - lat) * DEGREE / 2) ^ 2
    + math.cos(lat * DEGREE) * math.cos(lat2 * DEGREE) * math.sin((lon2 - lon) * DEGREE / 2) ^ 2
  local way = 12742.0 * math.asin(math.sqrt(math.min(a, 1.0)))
  return way > step.far and way > step.fast * ((now - tonumber(at)) / 3.6e6)
end

function OPS.DORMANT(step, key, now)
  local before = server.call('GETSET', key, whole(now))
  return before and now - tonumber(before) > step.window
end

function OPS.REGISTERED(step, key, now, _, held)
  local at = server.call('GET', key)
  if any(held, step.removed) then server.call('DEL', key) end
  if any(held, step.added) then server.call('SET', key, whole(now), 'NX') end
  return any(held, step.inputs) and (not at or now - tonumber(at) < step.window)
end

-- KEYS: the clock of the tag, the state of each step. ARGV: now, what holds, then a step and its value each.
local function judge(keys, words)
  local now, held, fired = tonumber(words[1]), {}, {}
  local newest = tonumber(server.call('GET', keys[1]) or '0')
  if newest > now then now = newest end
  server.call('SET', keys[1], whole(now), 'PX', SLACK)
  for number in string.gmatch(words[2], '%d+') do held[tonumber(number)] = true end
  for place = 2, #keys do
    local step = STEPS[tonumber(words[2 * place - 1])]
    if any(held, step.asked) and OPS[step.op](step, keys[place], now, words[2 * place], held) then
      held[step.number] = true
      fired[#fired + 1] = step.number
    end
  end
  return fired
end

server.register_function('@NAME@', judge)
"""

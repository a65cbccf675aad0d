"""What the engines share: what one of them cannot say, and the columns in which an event is handed to it."""

from __future__ import annotations

import socket
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import msgspec

from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text
from sekisho.watch.events import STRINGS, Event, block_of
from sekisho.watch.program import Match, Op, Program, Step

COLUMNS = ("typ", "ok", *STRINGS, "amount", "lat", "lon")


class NotInEngine(SekishoError):
    """A rule that an engine cannot say exactly. Data: engine, rule, why."""

    code = "not_in_engine"
    status = 422
    text = Text(
        "ルール「{rule}」は {engine} では正確に表せません（{why}）。--engine kernel を使ってください。",
        "The rule {rule!r} cannot be said exactly in {engine}: {why}. Use --engine kernel.",
    )


def refuse_risk(program: Program, engine: str) -> None:
    """A risk score is worked out from counts over all keys at once: no engine that splits by key has them."""
    for step in program.steps:
        if step.op is Op.RISK:
            raise NotInEngine(engine=engine, rule=step.name, why="risk")


def without_risk(program: Program) -> tuple[Program, tuple[str, ...]]:
    """The program without the rules that stand on a risk score, and their names."""
    first = len(program.conditions)
    risky = {first + n for n, step in enumerate(program.steps) if step.op is Op.RISK}
    if not risky:
        return program, ()

    def stands(number: int) -> bool:
        steps = () if number < first else chain_of(program, number)
        return number in risky or any(first + place in risky for place in steps)

    # A step that never fires in its place keeps the numbers of the others.
    steps = tuple(
        Step(s.name, Op.IN_LIST, s.inputs, (), field="typ") if s.op is Op.RISK else s for s in program.steps
    )
    kept = tuple(rule for rule in program.rules if not stands(rule.number))
    left = tuple(rule.name for rule in program.rules if stands(rule.number))
    return replace(program, steps=steps, rules=kept), left


def fields_of(program: Program) -> tuple[str, ...]:
    """The fields of events that the program reads, in their fixed order; `ip_hex` where it looks into networks."""
    read = {test.field for test in program.tests if test.match is not Match.CIDR} | {"typ"}
    for step in program.steps:
        read |= {*step.key, step.field} - {""}
        if step.op is Op.SPEED:
            read |= {"lat", "lon"}
    hexed = ("ip_hex",) if any(test.match is Match.CIDR for test in program.tests) else ()
    return (*(name for name in COLUMNS if name in read), *hexed)


def conditions_of(program: Program, number: int) -> set[int]:
    """The conditions that a rule (by number) stands on, through all its steps."""
    first = len(program.conditions)
    if number < first:
        return {number}
    step = program.steps[number - first]
    return {c for n in asked_by(step) for c in conditions_of(program, n)}


def asked_by(step: Step) -> tuple[int, ...]:
    """The numbers of the rules of which one must hold for the step to be asked."""
    return tuple(dict.fromkeys((*step.inputs, *step.added_by, *step.removed_by)))


def chain_of(program: Program, number: int) -> list[int]:
    """The steps (by place) that a step stands on, each after those that it needs; itself not among them."""
    first, found = len(program.conditions), []
    for n in asked_by(program.steps[number - first]):
        if n >= first:
            found += [*chain_of(program, n), n - first]
    return list(dict.fromkeys(found))


def hexed(ip: str) -> str:
    """An address as hexadecimal digits, 8 or 32: networks are ranges of them."""
    return socket.inet_pton(socket.AF_INET6 if ":" in ip else socket.AF_INET, ip).hex()


def normal_form(event: Event) -> dict[str, Any]:
    """An event as engines read it: its fields, the /64 of its address and the address in hexadecimal digits."""
    found: dict[str, Any] = msgspec.to_builtins(event)
    if event.ip is not None:
        found["ip_block"], found["ip_hex"] = block_of(event.ip), hexed(event.ip)
    return found


def columns(events: Iterable[Event], fields: Iterable[str]) -> dict[str, list[Any]]:
    """Events as columns: `seq`, `ts` and the fields; what depends on an address is worked out once for each."""
    kept = list(events)
    found: dict[str, list[Any]] = {"seq": [e.seq for e in kept], "ts": [e.ts for e in kept]}
    derived = {"ip_block": block_of, "ip_hex": hexed}
    for name in fields:
        if name in derived:
            of = derived[name]
            known = {ip: of(ip) for ip in {e.ip for e in kept} if ip is not None}
            found[name] = [known.get(e.ip) if e.ip is not None else None for e in kept]
        else:
            found[name] = [getattr(e, name) for e in kept]
    return found

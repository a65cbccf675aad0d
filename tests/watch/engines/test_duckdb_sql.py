"""DuckDB answers what the kernel answers: on any rule set, in any order of events."""

import pytest
from hypothesis import HealthCheck, given, settings

from sekisho.kernel.texts import Text
from sekisho.watch import program as p
from sekisho.watch.engines import duckdb_sql
from sekisho.watch.engines.language import NotInEngine
from sekisho.watch.program import Action, Op, Program, Rule, Step
from tests.watch.engines.streams import LISTS, by_twin
from tests.watch.programs import programs, streams


@pytest.mark.slow
@settings(max_examples=60, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(programs(), streams())
def test_any_rules_over_any_stream(program, events):
    assert list(duckdb_sql.run(program, events, LISTS, threads=1)) == by_twin(program, events)


def _of(step: Step) -> Program:
    rule = Rule("r", "r", 1, Action.BLOCK, 1, Text("理由", "why"), True, "o", "10-2-1")
    login = p.Condition("login", (0, 1, p.AND))
    tests = (p.Test("typ", p.Match.EQUALS, ("login",)), p.Test("agent", p.Match.EQUALS, ("o'hara",)))
    return Program("one", tests, (login,), (step,), (rule,))


def test_a_threshold_looks_at_its_nth_last_event():
    _, query = duckdb_sql.statements(_of(Step("r", Op.COUNT, (0,), ("ip",), 300_000, n=10)), "x")
    assert "LAG(now_, 9) OVER (PARTITION BY f_ip ORDER BY ord)" in query
    assert "> now_ - 300000" in query


def test_a_text_cannot_leave_its_quotes():
    table, _ = duckdb_sql.statements(_of(Step("r", Op.COUNT, (0,), ("ip",), 1, n=1)), "x")
    assert "= 'o''hara'" in table


def test_a_risk_score_is_refused_by_name():
    step = Step("new_here", Op.RISK, (0,), ("user",), fast=1.0, features=(("ip",),))
    with pytest.raises(NotInEngine) as refused:
        duckdb_sql.statements(_of(step), "x")
    assert "new_here" in refused.value.text.en
    assert "DuckDB" in refused.value.text.ja

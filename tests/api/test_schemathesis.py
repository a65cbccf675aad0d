"""The whole API against its own description: what it promises is taken and given, and nothing else is.

Every kind of operation, all of schemathesis's checks, none left out. Two things of ours are told to it:
- 422 and 412 are answers to well-formed requests too: the rules of the records refuse what the schema allows. The
  check below holds the line: what conforms to the schema is never called `malformed`.
- 428 is how a missing If-Match is refused (RFC 6585). PUT takes If-Match or If-None-Match, which OpenAPI cannot say.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig

from sekisho.api.contents import api
from sekisho.api.describe import description
from sekisho.wsgi import application
from tests.api.calling import token_of

# All kinds' operations are the same code. Every boundary of every field is tried on a kind that has most types of
# field, and on all that is not a kind's; of a few more kinds, that have the other types between them, some examples.
TRIED = r"^/api/(?!records/)|^/api/records/(\{kind\}|resolution|contingency_duty|monitor|measurement)(/|$)"
WHOLE = r"^/api/(?!records/)|^/api/records/(\{kind\}|contingency_duty)(/|$)"
ACCEPTED = ["2xx", "3xx", "401", "403", "404", "409", "412", "422", "428"]
CONFIG = SchemathesisConfig.from_dict(
    {
        "seed": 20261123,
        "generation": {"max-examples": 3, "database": "none"},
        "phases": {"coverage": {"enabled": False}},
        "operations": [{"include-path-regex": WHOLE, "phases": {"coverage": {"enabled": True}}}],
        "checks": {
            "positive_data_acceptance": {"expected-statuses": ACCEPTED},
            "missing_required_header": {
                "expected-statuses": ["400", "401", "403", "404", "415", "422", "428"]
            },
        },
    }
)
FIRST, LAST = datetime(1900, 1, 1), datetime(2199, 12, 31)
schemathesis.openapi.format("date", st.dates(FIRST.date(), LAST.date()).map(str))
schemathesis.openapi.format(
    "date-time",
    st.datetimes(FIRST, LAST).map(lambda at: at.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")),
)


@schemathesis.check
def what_the_schema_allows_is_well_formed(ctx: Any, response: Any, case: Any) -> None:
    if case.meta and case.meta.generation.mode.is_positive and response.status_code == 422:
        told = response.json()
        future = [p for p in told.get("problems", []) if p["name"] == "known_at"]
        assert told["code"] != "malformed" or future, str(told["problems"])


@pytest.fixture
def api_schema(request: pytest.FixtureRequest, cast: Any, settings: Any) -> Iterator[Any]:
    """The description, of an application that runs in this process and in this test's transaction."""
    settings.SEKISHO_API_PER_MINUTE = 0
    request.node._nodeid = (
        request.node.nodeid
    )  # schemathesis 4.32 looks for it where pytest 9.2 has it no more
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    schema = schemathesis.openapi.from_dict(json.loads(description(api)[0]), config=CONFIG)
    schema.app = application
    schema.config.headers = {"Authorization": f"Bearer {token_of(cast.sakura).secret}"}
    yield schema
    for signal in signals:
        signal.connect(close_old_connections)


schema = schemathesis.pytest.from_fixture("api_schema").include(path_regex=TRIED)


@pytest.mark.slow
@schema.parametrize()
def test_the_api_is_as_it_describes_itself(case: Any) -> None:
    case.call_and_validate(headers=case.operation.schema.config.headers)

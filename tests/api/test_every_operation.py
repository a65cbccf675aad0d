"""Every operation of the description, whoever asks: nobody gets in without a sign-in, nobody beyond what is entitled."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest

from sekisho.access.models import Token
from sekisho.api.contents import api
from sekisho.api.describe import description
from sekisho.kernel import clock
from sekisho.records.contents import KINDS
from tests.api.calling import DAY, Caller, service, token_of

READS = {"get"}
SENT = {"op": "remove", "kind": "appointment", "key": "A-0001", "reason": "試験"}


@dataclass(frozen=True)
class Operation:
    """One operation: its method, and an address of it that there is (or none, for keys)."""

    method: str
    path: str
    name: str

    @property
    def kind(self) -> str:
        """The kind whose records it is about; '' for what is none's."""
        parts = self.path.split("/")
        return parts[3] if parts[2] in ("records", "kinds") and len(parts) > 3 else ""

    @property
    def writes(self) -> bool:
        return self.method not in READS


def operations() -> Iterator[Operation]:
    paths = json.loads(description(api)[0])["paths"]
    for path, methods in paths.items():
        for method, told in methods.items():
            for name, value in _values(told).items():
                path = path.replace("{" + name + "}", value)
            yield Operation(method, path + _asked(told), told["operationId"])


def _values(told: dict[str, Any]) -> dict[str, str]:
    fixed = {"kind": "unit", "seq": "0", "citation": "7-1", "tool": "alertmanager", "sha256": "0" * 64}
    names = [p["name"] for p in told["parameters"] if p["in"] == "path"]
    return {name: fixed.get(name, "U-OPS") for name in names}


def _asked(told: dict[str, Any]) -> str:
    """The query that an operation cannot do without: the first choice of each, or a key."""
    needed = [p for p in told["parameters"] if p["in"] == "query" and p.get("required")]
    query = {p["name"]: p["schema"].get("enum", ["U-OPS"])[0] for p in needed}
    return f"?{urlencode(query)}" if query else ""


ALL = list(operations())


def sent(caller: Caller, operation: Operation) -> Any:
    return caller.call(operation.method.upper(), operation.path, SENT if operation.writes else None)


def test_there_are_operations_for_every_kind_and_every_resource():
    assert len(ALL) > 200
    assert {o.kind for o in ALL if "/records/" in o.path} == {m.about.name for m in KINDS}
    assert len({o.name for o in ALL}) == len(ALL)


def refused(caller: Caller, status: int) -> list[str]:
    """The operations that answered otherwise."""
    return [
        f"{o.method} {o.path}: {answer.status}" for o in ALL if (answer := sent(caller, o)).status != status
    ]


def test_nobody_gets_in_without_a_token(db: None, settings: Any):
    settings.SEKISHO_API_PER_MINUTE = 0
    assert refused(Caller(), 401) == []


@pytest.mark.parametrize("secret", ["", "sk_nonsense", "sk_" + "0" * 26 + "_" + "a" * 43, "日本語"])
def test_nobody_gets_in_with_what_is_no_token(db: None, secret: str):
    answer = Caller(secret or " ").get("kinds")
    assert answer.status == 401
    assert answer.code == "bad_token"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_an_expired_or_revoked_token_opens_nothing(cast: Any, settings: Any):
    settings.SEKISHO_API_PER_MINUTE = 0
    expired, revoked = token_of(cast.sakura), token_of(cast.sakura)
    assert sent(expired, ALL[0]).status == sent(revoked, ALL[0]).status == 200
    first, second = Token.objects.order_by("created_at")
    Token.objects.filter(pk=first.pk).update(expires_at=clock.now())
    Token.objects.filter(pk=second.pk).update(revoked_at=clock.now())
    assert refused(expired, 401) == []
    assert refused(revoked, 401) == []


def test_the_token_of_somebody_who_left_opens_nothing(cast: Any, settings: Any):
    settings.SEKISHO_API_PER_MINUTE = 0
    assert refused(token_of(cast.kyuda), 401) == []


def test_staff_without_a_role_may_read_and_write_nothing(cast: Any, settings: Any):
    settings.SEKISHO_API_PER_MINUTE = 0
    nishi = token_of(cast.nishi)
    for operation in ALL:
        answer = sent(nishi, operation)
        if not operation.writes:
            assert answer.status in (200, 404), (operation, answer.raw)
        elif (
            "/approvals/" in operation.path
        ):  # of an approval that there is none of; deciding takes two factors
            assert answer.status in (403, 404, 422), (operation, answer.raw)
        else:
            assert answer.status == 403, (operation, answer.raw)


def test_a_service_reaches_only_the_kinds_of_its_token(cast: Any, settings: Any):
    settings.SEKISHO_API_PER_MINUTE = 0
    caller = service(reads=["unit"], writes=["incident"])
    for operation in ALL:
        answer = sent(caller, operation)
        if operation.kind and not (operation.kind == "unit" and not operation.writes):
            assert answer.status == 403, (operation, answer.raw)
            assert answer.code == "outside_token"
        elif operation.kind:
            assert answer.status in (200, 404), (operation, answer.raw)
        elif operation.writes and "connectors" not in operation.path:
            assert answer.status in (403, 422), (operation, answer.raw)


def test_verdicts_take_the_right_to_read_what_they_are_made_of(cast: Any):
    some, every = service(reads=["unit"]), service(reads=[m.about.name for m in KINDS])
    for path in ("clauses", "assessment", "forecast"):
        assert some.get(path).code == "outside_token"
        assert every.get(path).status == 200
    assert some.get("clauses/7-1").code == "outside_token"
    assert (
        service(reads=["unit", "appointment", "person", "tolerance", "approval"]).get("clauses/7-1").status
        == 200
    )


def test_a_persons_token_goes_no_further_than_its_bounds_and_no_further_than_the_person(cast: Any):
    values = {"values": {"name": "新部署", "function": "other", "since_on": "2026-01-01"}}
    bounded = token_of(cast.sakura, reads=["unit", "system"], writes=["system"])
    assert bounded.get("records/unit").status == 200
    assert bounded.get("records/risk").code == "outside_token"
    assert bounded.post("records/unit", values).code == "outside_token"
    assert token_of(cast.nishi, writes=["unit"]).post("records/unit", values).code == "refused"
    assert token_of(cast.sakura).post("records/unit", values).status == 201


def test_a_token_loses_its_rights_on_the_day_the_appointment_ends(cast: Any):
    from sekisho.records.models import Appointment
    from sekisho.workflows.act import act

    sakura = token_of(cast.sakura)
    body = {"values": {"name": "新部署", "function": "other", "since_on": "2026-01-01"}}
    assert sakura.post("records/unit", body).status == 201
    with act("end", "operator:test") as doing:
        yesterday = clock.today() - DAY
        doing.put(Appointment, cast.sakura.appointment, {"until_on": yesterday})
    assert sakura.post("records/unit", body).code == "refused"
    assert sakura.get("records/unit").status == 200

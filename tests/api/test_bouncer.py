"""CrowdSec's bouncers read the block list as they read CrowdSec's own local API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from sekisho.access.models import Token
from sekisho.api.blocklist import duration
from sekisho.kernel import clock
from sekisho.workflows.watch_after.blocks import LASTS, lift
from sekisho.workflows.watch_after.models import Block, BlockReader
from tests.api.calling import service, token_of
from tests.cast import Cast
from tests.workflows.watching import IP, IP6, brute_force, stuffing, taken

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


class Bouncer:
    """A device with its key."""

    def __init__(self, secret: str = "") -> None:
        self.secret = secret or service("edge", reads=["block_list"]).secret

    def get(self, path: str, **query: str) -> Any:
        return Client().get(f"/v1/{path}", query, headers={"X-Api-Key": self.secret})

    def stream(self, **query: str) -> tuple[list[str], list[str]]:
        told = self.get("decisions/stream", **query).json()
        return [d["value"] for d in told["new"]], [d["value"] for d in told["deleted"]]


@pytest.fixture
def bouncer(cast: Cast, time_machine: Any) -> Bouncer:
    time_machine.move_to(clock.now(), tick=False)
    return Bouncer()


def test_decisions_have_crowdsecs_form(bouncer: Bouncer):
    assert bouncer.get("decisions").content == b"null"
    taken(stuffing())
    answer = bouncer.get("decisions")
    assert answer.json() == [
        {
            "id": Block.objects.get().pk, "origin": "sekisho", "type": "ban", "scope": "Ip", "value": IP,
            "duration": "3h59m59s", "scenario": "sekisho/credential_stuffing",
        }
    ]  # fmt: skip
    assert answer["Content-Type"] == "application/json"
    assert BlockReader.objects.get().name == "service:edge"


def test_one_address_is_asked_of(bouncer: Bouncer):
    taken(brute_force(), brute_force(IP6))
    assert [d["value"] for d in bouncer.get("decisions", ip=IP).json()] == [IP]
    told = bouncer.get("decisions", ip="2001:db8:1:2::99").json()
    assert [(d["scope"], d["value"]) for d in told] == [("Range", "2001:db8:1:2::/64")]
    assert bouncer.get("decisions", ip="192.0.2.1").content == b"null"
    assert [d["value"] for d in bouncer.get("decisions", range="198.51.100.0/24").json()] == [IP]
    assert bouncer.get("decisions", ip="nonsense").status_code == 400


def test_filters_narrow(bouncer: Bouncer):
    taken(brute_force(), stuffing(IP6))
    for query, values in (
        ({"scopes": "range"}, ["2001:db8:1:2::/64"]), ({"type": "captcha"}, None), ({"origins": "cscli"}, None),
        ({"scenarios_containing": "brute"}, [IP]), ({"scenarios_not_containing": "brute"}, ["2001:db8:1:2::/64"]),
    ):  # fmt: skip
        told = bouncer.get("decisions", **query).json()
        assert (told and [d["value"] for d in told]) == values
    assert bouncer.get("decisions", nonsense="1").status_code == 400


def test_the_stream_tells_all_at_the_start_and_then_what_came_and_went(
    bouncer: Bouncer, cast: Cast, time_machine: Any
):
    start = clock.now()
    taken(brute_force())
    time_machine.move_to(start + 5 * SECOND, tick=False)
    assert bouncer.stream(startup="true") == ([IP], [])
    time_machine.move_to(start + 10 * SECOND, tick=False)
    assert bouncer.stream() == ([], [])
    taken(brute_force("198.51.100.8"))
    time_machine.move_to(start + 20 * SECOND, tick=False)
    assert bouncer.stream() == (["198.51.100.8"], [])
    lift(cast.aoki.actor, Block.objects.get(address=IP).pk, "誤り")
    time_machine.move_to(start + 30 * SECOND, tick=False)
    assert bouncer.stream() == ([], [IP])
    time_machine.move_to(start + LASTS + 60 * SECOND, tick=False)
    assert bouncer.stream() == ([], ["198.51.100.8"])
    time_machine.move_to(start + LASTS + 90 * SECOND, tick=False)
    assert bouncer.stream() == ([], [])


def test_an_address_that_another_rule_still_blocks_is_not_deleted(
    bouncer: Bouncer, cast: Cast, time_machine: Any
):
    taken(brute_force(), stuffing())
    time_machine.move_to(clock.now() + 5 * SECOND, tick=False)
    assert bouncer.stream(startup="true") == ([IP, IP], [])
    time_machine.move_to(clock.now() + 10 * SECOND, tick=False)
    lift(cast.aoki.actor, Block.objects.get(rule="brute_force").pk, "誤り")
    assert bouncer.stream() == ([], [])


def test_each_bouncer_has_a_stream_of_its_own(bouncer: Bouncer):
    taken(brute_force())
    other = Bouncer(service("edge-2", reads=["block_list"]).secret)
    assert bouncer.stream(startup="true") == other.stream() == ([IP], [])


def test_without_a_key_that_may_read_it_nothing_is_told(bouncer: Bouncer, cast: Cast):
    taken(brute_force())
    wrong = ["", "nonsense", service("other", reads=["unit"]).secret]
    for secret in wrong:
        answer = Client().get("/v1/decisions", headers={"X-Api-Key": secret})
        assert (answer.status_code, answer.json()) == (403, {"message": "access forbidden"})
    assert Client().get("/v1/decisions/stream").status_code == 403
    Token.objects.update(revoked_at=clock.now())
    assert bouncer.get("decisions").status_code == 403
    assert Client().post("/v1/decisions", headers={"X-Api-Key": bouncer.secret}).status_code == 405


def test_a_persons_token_reads_too(bouncer: Bouncer, cast: Cast):
    taken(brute_force())
    assert Bouncer(token_of(cast.nishi).secret).get("decisions").json()[0]["value"] == IP


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0s"), (59.9, "59s"), (61, "1m1s"), (14399, "3h59m59s"), (-300, "-5m0s"), (3600, "1h0m0s")],
)
def test_durations_are_written_as_go_reads_them(seconds: float, told: str):
    assert duration(seconds) == told

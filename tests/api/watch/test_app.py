"""The door of the watch: what is answered, and what is refused as what."""

import itertools
import json
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from sekisho.api.watch.app import LARGEST_BODY, MOST
from sekisho.watch import history
from sekisho.watch.events import LARGEST
from tests.watch.events_of import NOW

numbers = itertools.count()
pytestmark = pytest.mark.parametrize("local", [False, True], ids=["tcp", "unix"])


def login(user="somebody", **values):
    return {"seq": next(numbers), "ts": NOW, "typ": "login", "user": user, **values}


def test_one_event_is_decided_with_reasons_in_both_languages(watch, local):
    told = [watch.decide(login(f"brute{local}", ok=False), local=local) for _ in range(3)]
    assert [reply.status for reply in told] == [200] * 3
    assert told[0].json["action"] == "allow"
    assert told[2].json == {
        "seq": told[2].json["seq"],
        "repeated": False,
        "action": "block",
        "score": 60,
        "rules": ["three"],
        "reasons": [{"ja": "失敗が続いています。", "en": "Failures in a row."}],
    }
    assert told[2].headers["cache-control"] == "no-store"
    assert "server" not in told[2].headers


def test_a_decision_that_was_answered_is_in_the_log(watch, local):
    event = login(f"spender{local}", typ="withdraw", amount=5.0)
    assert watch.decide(event, local=local).status == 200
    found = history.read(watch.service.home)
    assert found.filter(user=event["user"])["seq"].to_list() == [event["seq"]]


def test_a_repeat_is_told_as_one_and_is_not_counted(watch, local):
    event = login(f"again{local}", ok=False)
    first = [watch.decide(event, local=local).json for _ in range(5)]
    assert [told["repeated"] for told in first] == [False, True, True, True, True]
    assert {told["action"] for told in first} == {"allow"}


def test_of_a_batch_the_bad_ones_are_told_and_the_rest_goes_on(watch, local):
    good, ahead = login(), login(ts=NOW + 999_999)
    lines = [
        json.dumps(good).encode(),
        b"{",
        b"",
        json.dumps({**login(), "ip": "1.2.3"}).encode(),
        json.dumps(ahead).encode(),
        json.dumps(login()).encode(),
    ]
    reply = watch.events(b"\n".join(lines), kind="application/x-ndjson", local=local)
    told = reply.json
    assert (reply.status, told["judged"], told["refused"]) == (200, 2, 3)
    assert [each.get("seq", each.get("error", {}).get("code")) for each in told["answers"]] == [
        good["seq"], "not_json", "bad_address", "ahead", good["seq"] + 3,
    ]  # fmt: skip
    assert told["answers"][2]["index"] == 2
    assert told["answers"][2]["error"]["where"] == "ip"
    assert set(told["answers"][2]["error"]["text"]) == {"ja", "en"}


def test_a_batch_may_be_an_array_or_one_object(watch, local):
    array = watch.events([login(), {"seq": "x"}, [], login()], local=local).json
    assert [("error" in each) for each in array["answers"]] == [False, True, True, False]
    assert watch.events(login(), local=local).json["judged"] == 1
    assert watch.events([], local=local).json == {"judged": 0, "refused": 0, "answers": []}


def test_many_at_once_are_each_judged_once(watch, local):
    events = [login(f"u{n % 7}{local}", typ="withdraw") for n in range(120)]
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda event: watch.decide(event, local=local).json, events))
    assert [each["seq"] for each in told] == [event["seq"] for event in events]
    held = sum(each["action"] == "hold" for each in told)
    assert held == 120 - 7  # all but each user's first


@pytest.mark.parametrize(
    ("path", "method", "options", "status", "code"),
    [
        ("decide", "POST", {"token": None}, 401, "not_signed_in"),
        ("decide", "POST", {"token": "wrong"}, 401, "bad_token"),
        ("decide", "POST", {"token": "sk_api"}, 403, "not_for_watch"),
        ("events", "POST", {"token": None}, 401, "not_signed_in"),
        ("decide", "GET", {}, 405, "wrong_method"),
        ("health", "POST", {}, 405, "wrong_method"),
        ("nothing", "POST", {}, 404, "not_found"),
        ("decide", "POST", {"kind": "text/plain"}, 415, "wrong_media_type"),
        ("decide", "POST", {"kind": None}, 415, "wrong_media_type"),
        ("events", "POST", {"body": b"[{]"}, 422, "not_a_batch"),
        ("events", "POST", {"body": b"[" * 100_000}, 422, "not_a_batch"),
        ("events", "POST", {"body": [{}] * (MOST + 1)}, 413, "too_many_events"),
        ("events", "POST", {"body": b" " * (LARGEST_BODY + 1)}, 413, "too_large"),
        ("decide", "POST", {"body": b"x" * (2 * LARGEST + 1)}, 413, "too_large"),
        ("decide", "POST", {"body": b"x" * (LARGEST + 1)}, 413, "too_large"),
        ("decide", "POST", {"body": b"{"}, 422, "not_json"),
        ("decide", "POST", {"body": {"seq": 2**61, "ts": NOW + 10**7, "typ": "login"}}, 422, "ahead"),
    ],
)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_what_is_refused_is_a_problem_document(watch, local, path, method, options, status, code, language):
    options = {"body": login(), **options}
    reply = watch.ask(
        f"/watch/v1/{path}",
        options.pop("body"),
        method=method,
        local=local,
        Accept_Language=language,
        **options,
    )
    assert (reply.status, reply.json["code"]) == (status, code)
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers["cache-control"] == "no-store"
    assert reply.json["type"] == f"urn:sekisho:problem:{code}"
    assert any("\u3040" <= letter <= "\u30ff" for letter in reply.json["detail"]) is (language == "ja")


def test_one_bad_event_names_its_field(watch, local):
    told = watch.decide({"seq": 1, "ts": NOW}, local=local).json
    assert told["problems"][0]["name"] == "typ"


def test_the_health_tells_no_person(watch, local):
    watch.decide(login("a-person", ip="192.0.2.77"), local=local)
    watch.decide(b"{", local=local)
    reply = watch.health()
    assert reply.status == 200
    assert reply.json["status"] == "ok"
    assert reply.json["judged"] > 0
    assert reply.json["refused"]["not_json"] > 0
    assert b"a-person" not in reply.body
    assert b"192.0.2.77" not in reply.body


def connected(watch, local):
    found = socket.socket(socket.AF_UNIX if local else socket.AF_INET, socket.SOCK_STREAM)
    found.settimeout(20)
    found.connect(str(watch.path) if local else ("127.0.0.1", watch.port))
    return found


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /watch/v1/health HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20_000 + b"\r\n\r\n", b"431"),
        (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"431"),
        (b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 10_000 + b"\r\n", b"431"),
        (b"nonsense\r\n\r\n", b"400"),
    ],
)
def test_a_head_without_bounds_is_cut_off(watch, local, sent, status):
    with connected(watch, local) as connection:
        connection.sendall(sent)
        assert connection.recv(100).split()[1] == status
    assert watch.health().status == 200


def test_a_body_in_parts_is_bounded_too(watch, local):
    with connected(watch, local) as connection:
        connection.sendall(
            b"POST /watch/v1/decide HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sk_web\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        for _ in range(5):
            connection.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")
        assert connection.recv(100).split()[1] == b"413"


def test_who_goes_away_in_the_middle_of_a_body_harms_nobody(watch, local, caplog):
    before = watch.health().json["judged"]
    with connected(watch, local) as connection:
        connection.sendall(
            b"POST /watch/v1/decide HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sk_web\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
        )
    assert watch.health().json["judged"] == before
    assert [record for record in caplog.records if record.exc_info] == []

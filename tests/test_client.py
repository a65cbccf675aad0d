"""The client: the watch's decision where it answers in time, else the policy's, and said so."""

import itertools
import socket
import threading

import pytest

from sekisho.client import POLICIES, Policy, Refused, Watch
from tests.api.watch.running import running
from tests.watch.events_of import NOW

numbers = itertools.count()


def event(typ="login", **values):
    return {"seq": next(numbers), "ts": NOW, "typ": typ, **values}


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with running(tmp_path_factory.mktemp("home")) as found:
        yield found


@pytest.fixture(params=["tcp", "unix"])
def watch(request, served):
    address = f"unix:{served.path}" if request.param == "unix" else f"http://127.0.0.1:{served.port}"
    patient = {typ: Policy.fail_closed(20) for typ in POLICIES}
    with Watch(address, "sk_web", policies=patient, otherwise=Policy.fail_open(20)) as found:
        yield found


def test_a_decision_comes_with_rules_and_reasons(watch):
    user = f"u{next(numbers)}"
    told = [watch.decide(event(user=user, ok=False)) for _ in range(3)]
    assert [(a.action, a.by) for a in told] == [("allow", "watch"), ("allow", "watch"), ("block", "watch")]
    assert told[2].rules == ("three",)
    assert told[2].reasons[0].en == "Failures in a row."


def test_asking_again_is_safe(watch):
    sent = event("withdraw", user=f"u{next(numbers)}")
    first, again = watch.decide(sent), watch.decide(sent)
    assert (first.repeated, again.repeated) == (False, True)
    assert first.action == again.action == "allow"


def test_one_connection_serves_one_request_after_another(watch):
    for _ in range(3):
        watch.decide(event())
    assert len(watch._idle) == 1


def test_a_connection_that_the_server_closed_is_made_anew(watch):
    watch.decide(event())
    watch._idle[0].sock.shutdown(socket.SHUT_RDWR)
    assert watch.decide(event()).by == "watch"


def test_threads_share_it(watch):
    told = []

    def ask():
        told.extend(watch.decide(event(user="many")) for _ in range(20))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({answer.seq for answer in told if answer.by == "watch"}) == 160


def test_many_at_once_each_get_their_own(watch):
    good, bad = event(user="batch"), {"seq": "x"}
    first, second, third = watch.send([good, bad, event("withdraw", user="batch")])
    assert (first.seq, first.by) == (good["seq"], "watch")
    assert isinstance(second, Refused)
    assert (second.code, second.where) == ("wrong_type", "seq")
    assert third.by == "watch"


def test_a_refusal_is_raised_and_no_outage(watch):
    with pytest.raises(Refused) as told:
        watch.decide({"seq": 1, "ts": NOW, "typ": "withdraw", "ip": "1.2.3"})
    assert (told.value.status, told.value.code, told.value.where) == (422, "bad_address", "ip")


def test_a_bad_token_is_raised(served):
    with Watch(f"unix:{served.path}", "wrong") as watch, pytest.raises(Refused) as told:
        watch.decide(event("withdraw"))
    assert told.value.code == "bad_token"


@pytest.fixture
def deaf(tmp_path):
    """A server that takes connections and says nothing."""
    path = tmp_path / "deaf"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(str(path))
        listening.listen(100)
        yield f"unix:{path}"


def test_as_it_ships_what_moves_funds_fails_closed_and_a_login_open(tmp_path):
    with Watch(f"unix:{tmp_path}/nobody", "sk_web") as watch:
        told = {typ: watch.decide(event(typ)) for typ in ("withdraw", "address_add", "login", "trade")}
        batch = watch.send([event("withdraw"), event("login")])
    assert {typ: answer.action for typ, answer in told.items()} == {
        "withdraw": "hold", "address_add": "hold", "login": "allow", "trade": "allow",
    }  # fmt: skip
    assert {answer.by for answer in told.values()} == {"fallback"}
    assert "FileNotFoundError" in told["login"].why
    assert [(answer.action, answer.by) for answer in batch] == [("hold", "fallback"), ("allow", "fallback")]


def test_who_says_nothing_in_time_is_not_waited_for(deaf):
    policies = {"login": Policy.fail_closed(0.01, "step_up"), "withdraw": Policy.fail_closed(0.01)}
    with Watch(deaf, "sk_web", policies=policies) as watch:
        told = [watch.decide(event("login")), watch.decide(event("withdraw"))]
    assert [(answer.action, answer.by) for answer in told] == [("step_up", "fallback"), ("hold", "fallback")]
    assert all("timed out" in answer.why for answer in told)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"nonsense",
        b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 400 No\r\nContent-Length: 1\r\n\r\n<",
    ],
)
def test_an_answer_that_is_none_is_an_outage(tmp_path, said):
    path = tmp_path / "odd"

    def answer():
        connection, _ = listening.accept()
        with connection:
            connection.recv(10_000)
            connection.sendall(said)

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
        listening.bind(str(path))
        listening.listen()
        thread = threading.Thread(target=answer)
        thread.start()
        with Watch(f"unix:{path}", "sk_web") as watch:
            told = watch.decide(event("withdraw"))
        thread.join()
    assert (told.action, told.by) == ("hold", "fallback")


def test_a_repeat_whose_decision_is_gone_gets_the_policys(served, watch):
    sent = event("withdraw", user="gone")
    watch.decide(sent)
    served.service.engine.repeats._answers.clear()
    told = watch.decide(sent)
    assert (told.action, told.by, told.repeated) == ("hold", "fallback", True)


@pytest.mark.parametrize("address", ["https://watch", "watch:8100", "http://", ""])
def test_an_address_that_is_none(address):
    with pytest.raises(ValueError):
        Watch(address, "sk_web")


def test_it_needs_nothing_but_the_standard_library_and_msgspec():
    import subprocess
    import sys

    code = "import sys, sekisho.client; print([n for n in ('django', 'polars', 'structlog', 'uvicorn') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

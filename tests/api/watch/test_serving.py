"""The process: what it does beside judging, how it stops, and where it listens."""

import os
import socket
import stat

import pytest

from sekisho.api.errors import Unavailable
from sekisho.api.watch import serving
from sekisho.watch import history, snapshots
from sekisho.watch.engine import Engine
from sekisho.watch.lists import Listed
from sekisho.watch.program import Action
from tests.api.watch.looping import done
from tests.api.watch.running import running
from tests.watch.events_of import NOW, OTHERS, PROGRAM, failed


class Nobody:
    def known(self, authorization):
        return None

    async def source(self, authorization):
        raise AssertionError


@pytest.fixture
def service(tmp_path):
    """A service without a door, and the rules that it finds in force."""
    force = [serving.InForce(PROGRAM, {})]
    pace = serving.Pace(snapshot_bytes=1, segment=300)
    found = serving.Service(tmp_path, lambda: force[0], Nobody(), pace=pace)
    found.engine.clock = lambda: NOW
    found.force = force
    yield found
    found.engine.log.close()


def test_other_rules_are_followed_without_a_pause(service):
    for seq in range(3):
        service.engine.decide("web", failed(seq, ts=NOW))
    service.force[0] = serving.InForce(OTHERS, {})
    done(service.follow_rules())
    assert service.engine.program is OTHERS
    actions = [service.engine.decide("web", failed(seq, ts=NOW)).decision.action for seq in (3, 4)]
    assert actions == [Action.ALLOW, Action.BLOCK]


def test_lists_are_followed_too(service):
    before = service.engine.kernel
    service.force[0] = serving.InForce(PROGRAM, {"frozen_users": Listed(["u1"])})
    done(service.follow_rules())
    assert service.engine.kernel is before
    assert before.lists["frozen_users"].has("u1")


class Follower:
    """What acts on the log, of which every look is counted."""

    def __init__(self):
        self.looks, self.over = 0, False

    def look(self):
        self.looks += 1

    def told(self):
        return {"state": "ended" if self.over else "running", "restarts": 0, "ended_with": None}

    def end(self):
        self.over = True


def test_what_acts_on_the_log_is_tended_and_ended_last_and_how_far_it_came_is_told(tmp_path):
    after = Follower()
    acted = [0]
    rules = lambda: serving.InForce(PROGRAM, {}, acted[0])  # noqa: E731
    service = serving.Service(tmp_path, rules, Nobody(), after=after)
    service.engine.clock = lambda: NOW
    service.engine.decide("web", failed(1, ts=NOW))
    service.engine.log.flush()
    assert service.followed() == {"state": "running", "restarts": 0, "ended_with": None, "behind": None}
    done(service.tend())
    done(service.follow_rules())
    assert (after.looks, service.followed()["behind"]) == (1, service.engine.log.synced)
    acted[0] = service.engine.log.synced
    done(service.follow_rules())
    assert service.followed()["behind"] == 0
    service.close()
    assert service.followed()["state"] == "ended"


def test_while_the_database_is_away_nobody_knows_how_far_it_came(tmp_path):
    asked = [serving.InForce(PROGRAM, {}, 0), serving.InForce(PROGRAM, {}, 0)]

    def rules():
        if not asked:
            raise Unavailable
        return asked.pop()

    service = serving.Service(tmp_path, rules, Nobody())
    done(service.follow_rules())
    assert service.followed()["behind"] == 0
    with pytest.raises(Unavailable):
        done(service.follow_rules())
    assert service.followed()["behind"] is None
    service.close()


def test_where_somebody_else_acts_on_the_log_that_is_told(service):
    assert service.followed() == {"state": "elsewhere", "behind": None}


def test_the_house_is_kept(service, tmp_path):
    for seq in range(8):
        service.engine.decide("web", failed(seq, ts=NOW))
        service.engine.log.flush()
    service.quarantine.take("web", b"{", serving_error(), NOW)
    done(service.keep_house())
    os.waitid(os.P_PID, service.engine._child, os.WEXITED | os.WNOWAIT)
    done(service.keep_house())
    assert snapshots.newest(history.snapshot_folder(tmp_path)).position == service.engine.log.position
    assert history.kept(tmp_path)
    assert len(service.quarantine.kept()) == 1
    assert len(history.read(tmp_path)) == 8


def serving_error():
    from sekisho.watch.reading import NotJson

    return NotJson(place="byte 1")


def test_it_stops_with_its_state_kept(tmp_path):
    with running(tmp_path) as watch:
        for seq in range(2):
            watch.decide({"seq": seq, "ts": NOW, "typ": "login", "user": "u1", "ok": False})
        judged = watch.service.engine.log.position
    assert snapshots.newest(history.snapshot_folder(tmp_path)).position == judged
    engine = Engine(tmp_path, PROGRAM, clock=lambda: NOW)
    assert engine.decide("web", failed(2, ts=NOW)).decision.action is Action.BLOCK
    engine.log.close()


def test_when_the_disk_is_full_the_door_says_so(tmp_path, monkeypatch):
    with running(tmp_path) as watch:

        def full(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("sekisho.watch.log.os.fdatasync", full)
        reply = watch.decide({"seq": 1, "ts": NOW, "typ": "withdraw"})
        assert (reply.status, reply.json["code"]) == (503, "watch_log_unwritable")
        assert "retry-after" in reply.headers
        assert (watch.health().status, watch.health().json["status"]) == (503, "unwritable")


@pytest.mark.parametrize(("mode", "wanted"), [(0o600, "srw-------"), (0o660, "srw-rw----")])
def test_the_socket_is_for_its_owner_and_where_it_is_wanted_for_the_group(tmp_path, mode, wanted):
    path = tmp_path / "socket"
    serving.listen_locally(path, mode).close()
    assert stat.filemode(path.stat().st_mode) == wanted


def test_a_socket_that_nobody_serves_is_replaced_and_one_in_use_is_not(tmp_path):
    path = tmp_path / "socket"
    serving.listen_locally(path).close()
    with serving.listen_locally(path), pytest.raises(serving.SocketTaken):
        serving.listen_locally(path)
    path.unlink()
    path.write_text("a file")
    with pytest.raises(serving.SocketTaken):
        serving.listen_locally(path)


def test_a_port_in_use_is_told():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError):
            serving.listen("127.0.0.1", taken.getsockname()[1])

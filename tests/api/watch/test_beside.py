"""A process beside another: started again when it ends, later each time, and gone with its starter."""

import subprocess
import sys

import pytest

from sekisho.api.watch.beside import FIRST_AGAIN, LONGEST_AGAIN, STEADY, Beside

HEEDS = (sys.executable, "-c", "import sys; sys.stdin.read(); sys.exit(7)")
ENDS = (sys.executable, "-c", "raise SystemExit(3)")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


def ended(beside: Beside) -> None:
    assert beside._process is not None
    beside._process.wait(20)


def test_it_runs_until_it_is_ended_by_the_end_of_its_input():
    beside = Beside(HEEDS)
    assert beside.told() == {"state": "waiting", "restarts": 0, "ended_with": None}
    beside.look()
    assert beside.told()["state"] == "running"
    beside.end()
    assert beside.told() == {"state": "ended", "restarts": 0, "ended_with": 7}
    beside.look()
    assert beside.told()["state"] == "ended"


def test_it_is_started_again_later_each_time_and_its_failure_is_told(clock):
    beside = Beside(ENDS, clock=clock)
    for pause in (FIRST_AGAIN, 2 * FIRST_AGAIN, 4 * FIRST_AGAIN):
        beside.look()
        ended(beside)
        beside.look()
        assert beside.told()["state"] == "waiting"
        clock.now += pause * 0.9
        beside.look()
        assert beside._process is None
        clock.now += pause * 0.2
    assert beside.told() == {"state": "waiting", "restarts": 3, "ended_with": 3}
    beside.end()


def test_one_that_worked_for_a_while_is_started_again_soon(clock):
    beside = Beside(HEEDS, clock=clock)
    beside._pause = LONGEST_AGAIN
    beside.look()
    clock.now += STEADY
    assert beside._process is not None
    beside._process.kill()
    ended(beside)
    beside.look()
    assert beside.told() == {"state": "waiting", "restarts": 1, "ended_with": -9}
    clock.now += FIRST_AGAIN
    beside.look()
    assert beside.told()["state"] == "running"
    beside.end()


def test_what_cannot_be_started_is_tried_again(clock, tmp_path):
    beside = Beside([str(tmp_path / "nothing")], clock=clock)
    beside.look()
    assert beside.told() == {"state": "waiting", "restarts": 1, "ended_with": None}


def test_one_that_does_not_heed_is_killed():
    beside = Beside((sys.executable, "-c", "import signal\nwhile True: signal.pause()"), patience=0.01)
    beside.look()
    beside.end()
    assert beside.ended_with == -9


def test_it_ends_when_its_starter_is_killed():
    """The starter tells the number of a child that ends with its input, and is killed."""
    starter = (
        "import os, signal\n"
        "from sekisho.api.watch.beside import Beside\n"
        f"beside = Beside({HEEDS!r})\n"
        "beside.look()\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", starter], stdout=subprocess.PIPE, check=False, timeout=60)
    assert (
        done.returncode == -9
    )  # its output was read to the end: nobody holds it any more, the child neither


def test_what_its_input_s_end_calls():
    program = (
        "from sekisho.api.watch.beside import end_with_starter\n"
        "import threading\n"
        "over = threading.Event()\n"
        "end_with_starter(over.set)\n"
        "over.wait()\n"
        "print('over')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=b"", capture_output=True, check=True, timeout=60
    )
    assert done.stdout == b"over\n"

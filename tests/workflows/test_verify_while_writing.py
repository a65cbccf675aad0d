"""A member's server does not stop for a verification: what is written meanwhile is no fault."""

from __future__ import annotations

import contextvars
import threading
import time
from datetime import date

import pytest
from django.db import connections

from sekisho.ledger.models import Head
from sekisho.records.models import Unit
from sekisho.workflows.act import act
from sekisho.workflows.verify import verify_all
from tests.workflows.racing import crowd

__all__ = ["crowd"]
pytestmark = pytest.mark.django_db(transaction=True)


def size() -> int:
    return Head.objects.get().size


def write_until(stop: threading.Event) -> None:
    n = 0
    while not stop.is_set():
        n += 1
        with act("meanwhile", "service:meanwhile") as doing:
            doing.put(Unit, "U-NEW", {"name": f"部署 {n}", "function": "other", "since_on": date(2024, 1, 1)})
    connections["default"].close()


def test_what_is_written_while_it_is_verified_is_no_fault(crowd):
    stop = threading.Event()
    writer = threading.Thread(target=contextvars.copy_context().run, args=(write_until, stop))
    writer.start()
    try:
        rounds = [(size(), verify_all(), size(), time.sleep(0.02)) for _ in range(10)]
    finally:
        stop.set()
        writer.join(timeout=60)
    assert rounds[0][0] < rounds[-1][2], "it was written meanwhile"
    for before, report, after, _ in rounds:
        assert [str(fault.text.en) for fault in report.faults] == []
        assert before <= report.entries <= after


def test_it_leaves_the_connection_ready_to_write(crowd):
    verify_all()
    with act("afterwards", "service:afterwards"):
        pass
    assert verify_all().ok

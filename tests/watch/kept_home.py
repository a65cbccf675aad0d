"""A home in which the watch judged a few events over several segments."""

from sekisho.watch.engine import Engine
from tests.watch.events_of import NOW, PROGRAM, event, failed


def judged(home, number=12, *, at=NOW + 3_600_000, segment=300):
    """Failed logins of u1, then a withdrawal; closed with a snapshot at its end."""
    engine = Engine(home, PROGRAM, clock=lambda: at, segment=segment)
    for seq in range(number):
        engine.decide("web", failed(seq, ip="192.0.2.1", device="d1", lat=35.0, lon=139.0, agent="A/1"))
        engine.log.flush()
    engine.decide("web", event(number, "withdraw", amount=5000.0, address="addr"))
    engine.snapshot()
    engine.close()
    return engine

"""Who holds an office, what was approved, and what is excepted: the words that tests of approvals share.

records = given(SYSTEM, CHIEF, approved("system:S-1"), *excepted("2-1-1", "system:S-1"))
"""

from datetime import date
from typing import Any

from tests.rulebook.asking import Given, at, day, record

LONG_AGO = day(2020, 4, 1)
JANUARY = day(2026, 1, 15)


def office(role: str, person: str, since: date = LONG_AGO, until: date | None = None) -> Given:
    """A person in a role."""
    return record("appointment", f"A-{person}", person=person, role=role, since_on=since, until_on=until)


CHIEF = office("chief_system_officer", "P-CSO")


def approved(subject: str, on: date = JANUARY, by: str = "P-CSO", **values: Any) -> Given:
    """The approval of a record, asked for by P-ASK unless said otherwise."""
    told = {
        "subject": subject,
        "step": "approved",
        "asked_by": "P-ASK",
        "decided_by": by,
        "decision": "approved",
    }
    return record("approval", f"AP-{subject}", **(told | {"at": at(on.year, on.month, on.day)} | values))


def exception(clause: str, subject: str | None = None, kind: str = "exception", **values: Any) -> Given:
    """An exception for 2026, not approved yet: approved("exception:EX-1") does that."""
    told = {"reason": "更改まで", "from_on": day(2026, 1, 1), "until_on": day(2026, 12, 31)}
    return record("exception", "EX-1", clause=clause, kind=kind, subject=subject, **(told | values))


def otherwise(clause: str, subject: str | None = None, **values: Any) -> Given:
    """What is done in place of an example that the clause gives, not approved yet, as `exception`."""
    return exception(clause, subject, "otherwise", **({"equivalent": "同等の措置"} | values))

"""The people of every test that asks who may do what: a small member, the same each time.

神谷 kamiya    representative director        千葉 chiba     internal auditor
佐倉 sakura    chief system officer           小川 ogawa     developer of the exchange system
青木 aoki      system manager of operations   大野 ono       operator of the exchange system
森   mori      risk manager                   西   nishi     employee without a role
北川 kitagawa  administrator                  旧田 kyuda     left the firm

Everyone is written through an act and has an account. `cast.aoki.client` is signed in, `cast.aoki.actor` has the rights
of today, and `cast.aoki.appointment` is the appointment's key.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from sekisho.access.rights import Actor, actor_for_person
from sekisho.records.models import Appointment, Person, System, Unit
from sekisho.workflows.act import act

BY = "operator:cast"
PASSWORD = "門の番人は二人 twice"
JOINED = date(2020, 4, 1)
APPOINTED = date(2024, 4, 1)
LEFT = date(2026, 3, 31)

UNITS = {
    "U-MGT": {"name": "経営", "function": "management"},
    "U-SYS": {"name": "システム部", "function": "system"},
    "U-OPS": {"name": "業務部", "function": "user"},
    "U-RISK": {"name": "リスク管理部", "function": "risk"},
    "U-AUD": {"name": "内部監査室", "function": "audit"},
}
SYSTEMS = {
    "S-EXC": {
        "name": "取引所システム", "unit": "U-SYS", "in_scope": True, "criticality": "high",
        "internet_facing": True, "operated_by": "own",
    },
}  # fmt: skip
# login: (key, name, unit, employment, role, where)
PEOPLE: dict[str, tuple[str, str, str, str, str | None, dict[str, str]]] = {
    "kamiya": ("P-0001", "神谷 直人", "U-MGT", "officer", "representative_director", {}),
    "sakura": ("P-0002", "佐倉 美咲", "U-MGT", "officer", "chief_system_officer", {}),
    "aoki": ("P-0003", "青木 健", "U-OPS", "employee", "system_manager", {"unit": "U-OPS"}),
    "mori": ("P-0004", "森 智子", "U-RISK", "employee", "risk_manager", {}),
    "chiba": ("P-0005", "千葉 修", "U-AUD", "employee", "internal_auditor", {}),
    "ogawa": ("P-0006", "小川 蓮", "U-SYS", "employee", "developer", {"system": "S-EXC"}),
    "ono": ("P-0007", "大野 葵", "U-SYS", "employee", "operator", {"system": "S-EXC"}),
    "nishi": ("P-0008", "西 陽菜", "U-OPS", "employee", None, {}),
    "kitagawa": ("P-0009", "北川 翔", "U-SYS", "employee", "administrator", {}),
    "kyuda": ("P-0010", "旧田 勝", "U-OPS", "employee", "system_manager", {"unit": "U-OPS"}),
}
WITH_SECOND_FACTOR = ("kamiya", "sakura", "mori", "kitagawa")
TOTP_SECRET = "JBSWY3DPEHPK3PXP"


@dataclass
class Member:
    """One of the cast. `key`: of the Person record. `appointment`: its key, empty for who holds no role."""

    login: str
    key: str
    name: str
    appointment: str = ""

    @property
    def by(self) -> str:
        return f"person:{self.key}"

    @property
    def actor(self) -> Actor:
        """As of today: asked anew each time, for the clock may have moved."""
        return actor_for_person(self.key)

    @property
    def account(self) -> Any:
        from sekisho.access.models import Account

        return Account.objects.get(login=self.login)

    @cached_property
    def client(self) -> Client:
        """A browser in which the person is signed in (Japanese)."""
        return self.signed_in()

    def signed_in(self) -> Client:
        """Another browser of the same person."""
        from allauth.usersessions.models import UserSession

        client = Client()
        client.force_login(self.account)
        key = client.session.session_key
        assert key
        UserSession.objects.create(user=self.account, session_key=key, ip="127.0.0.1", user_agent="cast")
        return client


class Cast:
    """The members by login name; `anonymous` has not signed in."""

    kamiya: Member
    sakura: Member
    aoki: Member
    mori: Member
    chiba: Member
    ogawa: Member
    ono: Member
    nishi: Member
    kitagawa: Member
    kyuda: Member
    password = PASSWORD
    totp_secret = TOTP_SECRET

    def __init__(self) -> None:
        for number, (login, (key, name, _, _, role, _)) in enumerate(PEOPLE.items(), 1):
            appointment = f"A-{number:04d}" if role else ""
            setattr(self, login, Member(login, key, name, appointment))

    @property
    def everyone(self) -> list[Member]:
        return [getattr(self, login) for login in PEOPLE]

    @property
    def anonymous(self) -> Client:
        return Client()


def write_cast() -> Cast:
    """The member's records in one act, then the accounts."""
    with act("cast", BY) as doing:
        doing.put_new(Unit, [(key, {**values, "since_on": JOINED}) for key, values in UNITS.items()])
        doing.put_new(Person, [_person(login) for login in PEOPLE])
        doing.put_new(
            System, [(key, {**values, "in_use_since_on": JOINED}) for key, values in SYSTEMS.items()]
        )
        doing.put_new(
            Appointment,
            [
                (f"A-{number:04d}", _appointment(login))
                for number, login in enumerate(PEOPLE, 1)
                if PEOPLE[login][4]
            ],
        )
    _accounts()
    return Cast()


def _person(login: str) -> tuple[str, dict[str, Any]]:
    key, name, unit, employment, _, _ = PEOPLE[login]
    return key, {
        "name": name,
        "email": f"{login}@example.jp",
        "unit": unit,
        "employment": employment,
        "joined_on": JOINED,
        "left_on": LEFT if login == "kyuda" else None,
    }


def _appointment(login: str) -> dict[str, Any]:
    key, _, _, _, role, where = PEOPLE[login]
    until_on = LEFT if login == "kyuda" else None
    grounds = "業務経験と研修の記録による"
    return {
        "person": key, "role": role, **where, "since_on": APPOINTED, "until_on": until_on, "grounds": grounds,
    }  # fmt: skip


_hash: list[str] = []


def _accounts() -> None:
    from allauth.mfa.models import Authenticator

    from sekisho.access.models import Account
    from sekisho.access.sign_in import sealed

    if not _hash:
        _hash.append(make_password(PASSWORD))
    Account.objects.bulk_create(
        Account(login=login, person=key, password=_hash[0], created_by=BY)
        for login, (key, *_) in PEOPLE.items()
    )
    secret = sealed(TOTP_SECRET)
    Authenticator.objects.bulk_create(
        Authenticator(user=account, type=Authenticator.Type.TOTP, data={"secret": secret})
        for account in Account.objects.filter(login__in=WITH_SECOND_FACTOR)
    )


@pytest.fixture
def cast(db: None) -> Cast:
    return write_cast()

"""Ways in for the sample member's people: one password for all of them, made anew for each installation."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password

from sekisho.access.models import Account
from sekisho.kernel.texts import Text
from sekisho.records.roles import ROLES
from sekisho.sample.cast import Cast, Somebody
from sekisho.sample.member import UNITS
from sekisho.workflows.act import act

NAMED = {
    "president": "representative_director",
    "chief": "chief_system_officer",
    "director": "director_in_charge",
    "risk": "risk_manager",
    "csirt": "csirt_lead",
    "audit": "internal_auditor",
    "admin": "administrator",
    "vendor": "vendor_owner",
}
MANAGERS = {"dev": "U-DEV", "ops": "U-OPE", "trading": "U-TRD", "custody": "U-CUS"}


@dataclass(frozen=True)
class SignIn:
    """A login name, whose it is, and in which office."""

    login: str
    person: str
    name: str
    office: Text


def open_accounts(cast: Cast, today: date) -> tuple[list[SignIn], str]:
    """Make an account for everybody who works at the member today; returns the sign-ins and their one password."""
    password = "-".join(secrets.token_hex(3) for _ in range(3))
    hashed = make_password(password)  # once: the same for all, so that it takes one hash and not a hundred
    signs = sign_ins(cast, today)
    with act("open_sample_accounts", "operator:sample") as doing:
        Account.objects.bulk_create(
            [
                Account(
                    login=s.login,
                    person=s.person,
                    password=hashed,
                    administers=s.login == "admin",
                    created_by=doing.by,
                )
                for s in signs
            ]
        )
    _keep(signs, password)
    return signs, password


def sign_ins(cast: Cast, today: date) -> list[SignIn]:
    """Who may sign in, the offices first."""
    offices = {login: (cast.office[role], Text(*ROLES[role])) for login, role in NAMED.items()}
    for login, unit in MANAGERS.items():
        words = Text(f"{UNITS[unit][0]} システム管理責任者", f"System manager of {UNITS[unit][0]}")
        offices[login] = (cast.manager_of(unit), words)
    named = {
        somebody.key: SignIn(login, somebody.key, somebody.name, words)
        for login, (somebody, words) in offices.items()
    }
    others = [_staff(p) for p in cast.working(today) if p.key not in named]
    return [*named.values(), *others]


def kept_password() -> str | None:
    """The sample people's password, where this installation has them; None otherwise."""
    try:
        return file().read_text(encoding="utf-8").splitlines()[0]
    except FileNotFoundError:
        return None


def file() -> Path:
    return Path(settings.SEKISHO_HOME) / "sample-sign-ins.txt"


def _staff(p: Somebody) -> SignIn:
    unit = UNITS[p.unit][0]
    return SignIn(p.key.lower().replace("-", ""), p.key, p.name, Text(unit, unit))


def _keep(signs: list[SignIn], password: str) -> None:
    descriptor = os.open(file(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as kept:
        lines = [f"{s.login}\t{s.person}\t{s.name}\t{s.office.ja}" for s in signs]
        kept.write("\n".join([password, *lines]) + "\n")

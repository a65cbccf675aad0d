"""Acts on accounts and tokens. Each leaves its line in the ledger, by ids and keys: no secret, no login name."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import override

from sekisho.access import tokens
from sekisho.access.lock_out import forget_failures
from sekisho.access.models import CALENDAR, LOGIN_LENGTH, SERVICE_LENGTH, WATCH, Account, Token
from sekisho.access.rights import Actor, operator_actor, role_names
from sekisho.access.sessions import end_all_sessions, end_session
from sekisho.kernel import clock
from sekisho.kernel.errors import Conflict, Invalid, NotFound, Refused, SekishoError
from sekisho.kernel.texts import Text
from sekisho.records.contents import is_kind
from sekisho.records.models import Person
from sekisho.workflows.act import act

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
_SERVICE = re.compile(rf"[a-z][a-z0-9-]{{1,{SERVICE_LENGTH - 1}}}")
_OWN_CALENDAR = Text(
    "カレンダーのアドレスは、在籍中の本人だけが自分のアカウントに発行できます。",
    "Only somebody who works here makes a calendar address, for the own account.",
)
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that looks like something else


class AdministratorExists(SekishoError):
    code = "administrator_exists"
    status = 409
    text = Text(
        "管理者アカウントは既にあります。追加する場合は --another を指定してください。",
        "There is an administrator's account already. Give --another to add one more.",
    )


class NotOneself(SekishoError):
    code = "not_oneself"
    status = 409
    text = Text(
        "自分自身のアカウントには行えません。ほかの管理者に依頼してください。",
        "You cannot do this to your own account. Ask another administrator.",
    )


def create_first_administrator(
    login: str, password: str, *, operator: str, person: str = "", another: bool = False
) -> Account:
    """An account that may keep accounts: how an installation begins. For whoever runs commands on its machine."""
    if not another and Account.objects.filter(administers=True).exists():
        raise AdministratorExists
    actor = operator_actor(operator)
    account = Account(login=_free_login(login), person=_free_person(person), administers=True)
    account.created_by = actor.by
    _set_password(account, password)
    _keep_new(actor, account)
    return account


def create_account(
    actor: Actor, login: str, *, person: str, administers: bool = False
) -> tuple[Account, str]:
    """A new account of a person, and the one-time password to hand over: it must be changed at the first sign-in."""
    require_administrator(actor)
    if not person:
        raise Invalid({"person": [Text("役職員を選んでください。", "Choose the person.")]})
    account = Account(login=_free_login(login), person=_free_person(person), administers=administers)
    account.created_by = actor.by
    password = one_time_password()
    account.set_password(password)
    account.must_change_password = True
    _keep_new(actor, account)
    return account, password


def set_active(actor: Actor, account: Account, active: bool) -> None:
    """Open or close an account. Closing ends its sessions and stops its tokens at once."""
    _require_power_over(actor, account)
    with act("open_account" if active else "close_account", actor.by) as doing:
        account.is_active = active
        account.save(update_fields=["is_active"])
        if not active:
            end_all_sessions(account)
        doing.note("account", doing.id, _told(account, active=active))


def set_administers(actor: Actor, account: Account, administers: bool) -> None:
    """Let an account keep other accounts, or no longer."""
    _require_power_over(actor, account)
    with act("set_administers", actor.by) as doing:
        account.administers = administers
        account.save(update_fields=["administers"])
        doing.note("account", doing.id, _told(account, administers=administers))


def reset_password(actor: Actor, account: Account) -> str:
    """A new one-time password; the old one and all sessions end, and the lock-out is lifted."""
    _require_power_over(actor, account)
    password = one_time_password()
    with act("reset_password", actor.by) as doing:
        account.set_password(password)
        account.must_change_password = True
        account.save(update_fields=["password", "must_change_password"])
        end_all_sessions(account)
        forget_failures(account.login)
        doing.note("account", doing.id, _told(account))
    return password


def reset_second_factor(actor: Actor, account: Account) -> None:
    """Take away an account's authenticator app, passkeys and recovery codes (a lost device). Its sessions end."""
    _require_power_over(actor, account)
    with act("reset_second_factor", actor.by) as doing:
        removed, _ = Authenticator.objects.filter(user=account).delete()
        end_all_sessions(account)
        doing.note("account", doing.id, _told(account, removed=removed))


def unlock(actor: Actor, account: Account) -> None:
    """Lift the lock-out of an account's login name."""
    _require_power_over(actor, account)
    with act("unlock_account", actor.by) as doing:
        forget_failures(account.login)
        doing.note("account", doing.id, _told(account))


def end_sessions(actor: Actor, account: Account, session_id: int | None = None) -> None:
    """End one session of an account, or all. For its own user, and for administrators."""
    if not (_is_own(actor, account) or actor.administers):
        raise Refused(roles=role_names(frozenset({"administrator"})))
    with act("end_sessions", actor.by) as doing:
        if session_id is None:
            end_all_sessions(account)
        elif not end_session(account, session_id):
            raise NotFound(what=Text("セッション", "The session"))
        doing.note("account", doing.id, _told(account, all=session_id is None))


def own_means_changed(account: Account, what: str) -> None:
    """A line for what somebody changed on the own account: `password_changed`, `totp_activated` and so on."""
    by = f"person:{account.person}" if account.person else f"operator:{account.login}"
    with act(what, by) as doing:
        doing.note("account", doing.id, _told(account))


def issue_token(
    actor: Actor,
    *,
    label: str,
    expires_at: datetime,
    account: Account | None = None,
    service: str = "",
    reads: Iterable[str] | None = None,
    writes: Iterable[str] | None = None,
) -> tuple[Token, str]:
    """A token of one's own account, or (by an administrator) of a service; and its secret, told this once.

    `reads` and `writes` name kinds. None: for an account, whatever its person may; for a service, nothing.
    """
    if account is None:
        require_administrator(actor)
    elif not _is_own(actor, account):
        raise Refused(
            Text("トークンは本人だけが発行できます。", "Only its own user issues a token of an account.")
        )
    _check_token(label, expires_at, account, service, [*(reads or ()), *(writes or ())])
    if account is None:
        reads, writes = list(reads or ()), list(writes or ())
    with act("issue_token", actor.by) as doing:
        token, secret = tokens.issue(
            label=label.strip(), by=actor.by, expires_at=expires_at, account=account, service=service,
            reads=reads, writes=writes,
        )  # fmt: skip
        doing.note("token", doing.id, _token_told(token))
    return token, secret


def issue_calendar_address(
    actor: Actor, account: Account, *, label: str, expires_at: datetime
) -> tuple[Token, str]:
    """A token for the calendar feed of one's own account, and for nothing else; and its secret, told this once."""
    if not (_is_own(actor, account) and actor.works_here):
        raise Refused(_OWN_CALENDAR)
    _check_token(label, expires_at, account, "", [])
    with act("issue_calendar_address", actor.by) as doing:
        token, secret = tokens.issue(
            label=label.strip(), by=actor.by, expires_at=expires_at, account=account, purpose=CALENDAR,
            reads=[], writes=[],
        )  # fmt: skip
        doing.note("token", doing.id, _token_told(token))
    return token, secret


def issue_watch_token(actor: Actor, *, label: str, service: str, expires_at: datetime) -> tuple[Token, str]:
    """A token with which a service has its events judged, and nothing else; and its secret, told this once.

    Events are told apart by service and number: each sender with numbers of its own has a service name of its own.
    """
    require_administrator(actor)
    _check_token(label, expires_at, None, service, [])
    with act("issue_watch_token", actor.by) as doing:
        token, secret = tokens.issue(
            label=label.strip(), by=actor.by, expires_at=expires_at, service=service, purpose=WATCH,
            reads=[], writes=[],
        )  # fmt: skip
        doing.note("token", doing.id, _token_told(token))
    return token, secret


def revoke_token(actor: Actor, token: Token) -> None:
    """A token stops at once. For its own user, and for administrators."""
    own = token.account is not None and _is_own(actor, token.account)
    if not (own or actor.administers):
        raise Refused(roles=role_names(frozenset({"administrator"})))
    if token.revoked_at is not None:
        raise Conflict(Text("このトークンは既に失効しています。", "The token has been revoked already."))
    with act("revoke_token", actor.by) as doing:
        token.revoked_at = clock.now()
        token.save(update_fields=["revoked_at"])
        doing.note("token", doing.id, _token_told(token))


def require_administrator(actor: Actor) -> None:
    if not actor.administers:
        raise Refused(roles=role_names(frozenset({"administrator"})))


def one_time_password() -> str:
    """20 characters that can be read out (about 99 bits)."""
    groups = ("".join(secrets.choice(_READABLE) for _ in range(5)) for _ in range(4))
    return "-".join(groups)


def _require_power_over(actor: Actor, account: Account) -> None:
    require_administrator(actor)
    if _is_own(actor, account):
        raise NotOneself


def _is_own(actor: Actor, account: Account) -> bool:
    """Whether the actor is the account's own user, signed in with it."""
    if account.person:
        return actor.person == account.person
    return actor.person is None and not actor.operator and actor.by == f"operator:{account.login}"


def _free_login(login: str) -> str:
    wanted = login.strip().lower()
    if not _LOGIN.fullmatch(wanted):
        raise Invalid({"login": [Text(
            f"ログイン名は半角の英小文字・数字と . _ @ - で、2〜{LOGIN_LENGTH}文字にしてください。",
            f"A login name has 2 to {LOGIN_LENGTH} characters: a-z, 0-9 and . _ @ -",
        )]})  # fmt: skip
    if Account.objects.filter(login=wanted).exists():
        raise Invalid({"login": [Text("このログイン名は既に使われています。", "This login name is taken.")]})
    return wanted


def _free_person(person: str) -> str:
    if person and not Person.objects.filter(pk=person).exists():
        raise Invalid(
            {"person": [Text(f"役職員 {person} は登録されていません。", f"There is no person {person}.")]}
        )
    if person and Account.objects.filter(person=person).exists():
        raise Invalid(
            {"person": [Text("この人のアカウントは既にあります。", "This person has an account already.")]}
        )
    return person


def _set_password(account: Account, password: str) -> None:
    if told := _weakness(account, password, "ja"):
        raise Invalid({"password": [Text(told, _weakness(account, password, "en"))]})
    account.set_password(password)


def _weakness(account: Account, password: str, language: str) -> str:
    """What Django's validators say of the password in a language; '' where it will do."""
    with override(language):
        try:
            validate_password(password, account)
        except ValidationError as error:
            return " ".join(error.messages)
    return ""


def _keep_new(actor: Actor, account: Account) -> None:
    with act("create_account", actor.by) as doing:
        account.save()
        doing.note("account", doing.id, _told(account, administers=account.administers))


def _check_token(
    label: str, expires_at: datetime, account: Account | None, service: str, kinds: list[str]
) -> None:
    problems: dict[str, list[Text]] = {}
    if not label.strip() or len(label) > 100:
        problems["label"] = [
            Text("用途を100文字以内で入力してください。", "Say what it is for, in 100 characters.")
        ]
    if not clock.now() < expires_at <= clock.now() + tokens.LONGEST:
        problems["expires_at"] = [
            Text("有効期限は今日から1年以内にしてください。", "It must expire within a year from now.")
        ]
    if account is None and not _SERVICE.fullmatch(service):
        problems["service"] = [
            Text("サービス名は英小文字・数字・- で入力してください。", "A service's name has a-z, 0-9 and -")
        ]
    if unknown := sorted(kind for kind in kinds if not is_kind(kind)):
        problems["kinds"] = [Text(f"登録簿 {unknown} はありません。", f"There are no kinds {unknown}.")]
    if problems:
        raise Invalid(problems)


def _told(account: Account, **more: object) -> dict[str, object]:
    return {"account": account.pk, "person": account.person, **more}


def _token_told(token: Token) -> dict[str, object]:
    return {
        "token": token.id,
        "account": token.account_id,
        "service": token.service,
        "purpose": token.purpose,
        "reads": token.reads,
        "writes": token.writes,
        "expires_at": clock.iso(token.expires_at),
    }

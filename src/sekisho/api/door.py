"""Who comes in, and to what: a token in the Authorization header, or the session of a page. Nobody else."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from sekisho.access import assurance, pace
from sekisho.access.models import Account
from sekisho.access.rights import Actor, may_read, may_write, require_read, require_write, role_names
from sekisho.access.tokens import actor_for_secret
from sekisho.api.errors import (
    BadToken,
    Forged,
    Malformed,
    NotSignedIn,
    OutsideToken,
    PastIsPast,
    Place,
    TokenDecidesNothing,
)
from sekisho.api.words import UNKNOWN_PARAMETER
from sekisho.kernel.errors import Refused
from sekisho.kernel.texts import Text
from sekisho.records.contents import kind_named
from sekisho.records.record import STAFF, Record
from sekisho.rulebook.contents import all_checks
from sekisho.rulebook.language import CLAUSES

SAFE = ("GET", "HEAD", "OPTIONS")


class Token(HttpBearer):
    """`Authorization: Bearer sk_...`. What is sent and is no token is refused, whatever else the request carries."""

    openapi_bearerFormat = "sk_<id>_<secret>"
    openapi_description = "アカウント画面で発行するトークン / A token, made on the account page"

    def __call__(self, request: HttpRequest) -> Actor | None:
        given = request.headers.get("Authorization")
        if given is None:
            return None
        scheme, _, secret = given.strip().partition(" ")
        actor = self.authenticate(request, secret.strip()) if scheme.lower() == "bearer" else None
        if actor is None:
            raise BadToken
        request.came_by_token = True  # type: ignore[attr-defined]
        return admitted(request, actor)

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        return actor_for_secret(token)


class Session(APIKeyCookie):
    """The session of somebody who signed in on a page. A write takes the CSRF token in X-CSRFToken as well."""

    param_name = settings.SESSION_COOKIE_NAME
    openapi_description = (
        "画面のセッション（書き込みには X-CSRFToken も必要） / A page's session; to write, X-CSRFToken too"
    )

    def __init__(self) -> None:
        super().__init__(csrf=False)  # asked for below, once it is known that somebody signed in

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        actor: Actor | None = getattr(request, "actor", None)
        if not isinstance(request.user, Account) or actor is None or not actor.by:
            return None
        if request.method not in SAFE:
            if check_csrf(request) is not None:
                raise Forged
            if not request.moment.is_now:  # type: ignore[attr-defined]
                raise PastIsPast
        return admitted(request, actor)


def admitted(request: HttpRequest, actor: Actor) -> Actor:
    """Known, within the pace, and asking for what there is."""
    pace.take(actor.by)
    if unknown := getattr(request, "unknown_parameters", None):
        raise Malformed(Place("query", name, UNKNOWN_PARAMETER) for name in unknown)
    return actor


def who(request: HttpRequest) -> Actor:
    """Who asks, where no operation of ninja's runs: the description and its page. Raises NotSignedIn."""
    actor = Token()(request) or Session()(request)
    if actor is None:
        raise NotSignedIn
    return actor


def strict_query(run: Any) -> Any:
    """Note parameters that the operation does not have, for `admitted` to refuse. Kinds' operations look themselves."""
    operation = run.__self__
    models = [m for m in operation.models if m.__ninja_param_source__ == "query"]
    known = {name for m in models for name in m.__ninja_flatten_map__}
    by_kind = (operation.openapi_extra or {}).get("x-each-kind")

    def noted(request: HttpRequest, **parameters: Any) -> Any:
        if not by_kind:
            request.unknown_parameters = sorted(set(request.GET) - known)  # type: ignore[attr-defined]
        return run(request, **parameters)

    return noted


def require_second_factor(request: HttpRequest) -> None:
    """Raise unless whoever decides an approval signed in with two factors. A token is one, whatever session is sent
    along with it."""
    if settings.SEKISHO_SECOND_FACTOR and getattr(request, "came_by_token", False):
        raise TokenDecidesNothing
    assurance.require_second_factor(request)


# --- rights -----------------------------------------------------------------------------------------------------


def actor_of(request: HttpRequest) -> Actor:
    """Who asks, of an operation that ninja let in."""
    actor: Actor = request.auth  # type: ignore[attr-defined]
    return actor


def readable(request: HttpRequest, kind: str) -> type[Record]:
    """The kind, if the caller may read it. Raises NotFound, Refused, OutsideToken."""
    model, actor = kind_named(kind), actor_of(request)
    if not may_read(actor, model):
        _refuse_outside(actor.reads, model)
        require_read(actor, model)
    return model


def writable(request: HttpRequest, kind: str) -> type[Record]:
    """The kind, if the caller may read and write it. Raises NotFound, Refused, OutsideToken."""
    model, actor = readable(request, kind), actor_of(request)
    if not may_write(actor, model):
        _refuse_outside(actor.writes, model)
        require_write(actor, model)
    return model


def _refuse_outside(bound: frozenset[str] | None, model: type[Record]) -> None:
    if bound is not None and model.about.name not in bound:
        raise OutsideToken(kind=model.about.label)


def require_state(request: HttpRequest, clause: str = "") -> None:
    """Raise unless the caller may see how the member stands: findings speak of the records that checks read.

    Whoever works here may. A token that names kinds must name all that the checks (of the clause) read.
    """
    actor = actor_of(request)
    if not (actor.works_here or actor.operator or actor.service):
        raise Refused(roles=role_names(frozenset({STAFF})))
    if actor.reads is not None and (beyond := _read_by_checks(clause) - actor.reads):
        labels = [kind_named(kind).about.label for kind in sorted(beyond)]
        raise OutsideToken(kind=Text("、".join(t.ja for t in labels), ", ".join(t.en for t in labels)))


@lru_cache(maxsize=1_000)
def _read_by_checks(clause: str) -> frozenset[str]:
    """The kinds that the checks of a clause and of its parts read; without a clause, those of all."""
    wanted = {clause}
    while clause and (more := {part for c in wanted for part in _parts(c)} - wanted):
        wanted |= more
    checks = [c for c in all_checks() if not clause or c.clause in wanted]
    return frozenset(model.about.name for check in checks for model in check.reads)


def _parts(citation: str) -> list[str]:
    clause = CLAUSES[citation]
    return [*clause.items, *([clause.read_with] if clause.read_with else [])]

"""What stands round every page: the menu, the member's name, who is signed in, the ledger's size that is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import polars as pl
from django import template
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from sekisho.access.rights import Actor, may_read, may_write, role_names
from sekisho.kernel import clock
from sekisho.kernel.texts import Text
from sekisho.records.contents import DOMAINS, KINDS
from sekisho.records.models import MemberProfile, Person, WatchRules
from sekisho.web.seen import actor_of, facts, may_see_state, seen
from sekisho.web.templatetags.sekisho import door, language, say

register = template.Library()

_DOMAIN_ICONS = {
    "organisation": "building",
    "risk": "alert-triangle",
    "policy": "books",
    "governance": "list-check",
    "incident": "urgent",
    "cybersecurity": "shield-lock",
    "development": "code",
    "quality": "rotate",
    "operation": "activity",
    "audit": "clipboard-check",
    "outsourcing": "building-bank",
}


@dataclass(frozen=True)
class Entry:
    """One entry of the menu: a link, or with `group` a list of links that unfolds, or without `url` a heading."""

    text: Text
    icon: str = ""
    url: str = ""
    current: bool = False
    group: tuple[Entry, ...] = ()


@register.simple_tag(takes_context=True)
def menu(context: dict[str, Any]) -> SafeString:
    """The menu: the pages that this installation serves and the reader may open, the one shown marked."""
    actor = actor_of(context["request"])
    readable = tuple(model.about.name for model in KINDS if may_read(actor, model))
    shown = _shown(context["request"])
    allowed = (may_see_state(actor), actor.administers or actor.operator, may_write(actor, WatchRules))
    return _menu(shown, readable, allowed, language())


@lru_cache(maxsize=512)
def _menu(
    shown: tuple[str, str], readable: tuple[str, ...], allowed: tuple[bool, bool, bool], _: str
) -> SafeString:
    """`allowed`: whether the reader may see how the member stands, administer, propose rules of the watch."""
    sees_state, administers, proposes = allowed
    entries = [*_page(shown, "home", "home", Text("ホーム", "Home"))]
    if sees_state:
        entries += _entries(shown, readable, proposes)
    if administers:
        entries += _page(shown, "people_access", "user-shield", Text("アクセス管理", "Access"))
    return render_to_string("parts/menu.html", {"entries": entries})


def _entries(shown: tuple[str, str], readable: tuple[str, ...], proposes: bool) -> Iterator[Entry]:
    """The entries of whoever works at the member."""
    yield from _page(shown, "work", "checkbox", Text("マイタスク", "My work"))
    yield from _page(shown, "rule", "gavel", Text("ルール", "The rule"), also=("clause",))
    yield from _page(
        shown, "approvals", "signature", Text("承認", "Approvals"), ("approval", "approval_edit")
    )
    yield from _watch(shown, proposes)
    yield Entry(Text("図と予定", "Maps and calendars"))
    yield from _page(shown, "calendar", "calendar", Text("年間カレンダー", "Year calendar"))
    yield from _page(shown, "roster", "users-group", Text("CSIRT当番表", "Duty roster"))
    yield from _page(shown, "audit_coverage", "clipboard-check", Text("監査の網羅状況", "Audit coverage"))
    yield from _page(shown, "safeguards", "shield-check", Text("防御策の網羅状況", "Safeguard coverage"))
    yield from _page(shown, "system_map", "network", Text("システム構成図", "System map"))
    yield from _page(shown, "skills", "certificate", Text("スキルマップ", "Skill map"))
    yield from _page(shown, "vendor_chain", "sitemap", Text("委託関係図", "Vendor chains"))
    yield Entry(Text("台帳類", "Registers"))
    yield from _page(shown, "registers", "table", Text("すべての台帳", "All registers"))
    yield from _registers(shown, readable)
    yield Entry(Text("証跡と入出力", "Evidence and exchange"))
    yield from _page(shown, "ledger", "link", Text("証跡台帳", "Ledger"), also=("ledger_line",))
    yield from _page(shown, "import", "file-import", Text("取込・出力", "Import and export"))
    yield from _page(shown, "time_machine", "calendar-time", Text("タイムマシン", "Time machine"))


def _watch(shown: tuple[str, str], proposes: bool) -> Iterator[Entry]:
    """The pages of the watch; a back-test is for those who may propose rules."""
    yield Entry(Text("監視", "Watch"))
    yield from _page(
        shown, "watch_live", "activity", Text("判定の状況", "Live decisions"), ("watch_user", "watch_address")
    )
    yield from _page(shown, "watch_holds", "hourglass", Text("保留中の出金", "Held withdrawals"))
    yield from _page(shown, "watch_blocks", "shield-x", Text("遮断リスト", "Block list"))
    yield from _page(shown, "watch_rules", "adjustments", Text("検知ルール", "Detection rules"))
    if proposes:
        yield from _page(shown, "watch_backtest", "history", Text("ルールの試算", "Back-test"))


def _shown(request: HttpRequest) -> tuple[str, str]:
    """The URL name and the kind of the page shown."""
    match = request.resolver_match
    return (match.view_name, str(match.kwargs.get("kind", ""))) if match else ("", "")


def _page(
    shown: tuple[str, str], name: str, icon: str, text: Text, also: tuple[str, ...] = ()
) -> Iterator[Entry]:
    if url := door(name):
        yield Entry(text, icon, url, shown[0] in (name, *also))


def _registers(shown: tuple[str, str], readable: tuple[str, ...]) -> Iterator[Entry]:
    for domain, text in DOMAINS.items():
        kinds = tuple(
            Entry(model.about.label, "", url, shown[1] == model.about.name)
            for model in KINDS
            if model.about.domain == domain
            and model.about.name in readable
            and (url := door("register", model.about.name))
        )
        if kinds:
            yield Entry(text, _DOMAIN_ICONS[domain], "", any(k.current for k in kinds), kinds)


@register.simple_tag(takes_context=True)
def member_name(context: dict[str, Any]) -> str:
    """The member's name as of the day shown; '' where no profile is on record."""
    request = context["request"]
    profiles = facts(request).frame(MemberProfile)
    standing = profiles.filter(pl.col("as_of_on") <= seen(request).on).sort("as_of_on", "key")
    return str(standing["name"][-1]) if len(standing) else ""


@register.simple_tag
def today() -> date:
    return clock.today()


@register.simple_tag(takes_context=True)
def shown_size(context: dict[str, Any]) -> int:
    """How many ledger lines the page shows: what the live poll compares."""
    return seen(context["request"]).size


@register.simple_tag(takes_context=True)
def actor_name(context: dict[str, Any]) -> str:
    """The name of who is signed in: the person's, else the account's."""
    request = context["request"]
    if not hasattr(request, "_actor_name"):
        actor: Actor | None = getattr(request, "actor", None)
        person = Person.objects.filter(pk=actor.person).first() if actor and actor.person else None
        request._actor_name = str(person) if person else request.user.get_username()
    return str(request._actor_name)


@register.simple_tag(takes_context=True)
def actor_roles(context: dict[str, Any]) -> str:
    """The roles that the signed-in person holds on the day."""
    actor: Actor | None = getattr(context["request"], "actor", None)
    return str(say(role_names(actor.roles))) if actor else ""

"""What a user is told: what happened, why it was noticed, and the link that asks 'was this you?'."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from sekisho.kernel import clock
from sekisho.kernel.calendar import instant_in_words
from sekisho.kernel.texts import Text
from sekisho.workflows.watch_after.models import Link, Warned

LINK_LASTS = timedelta(hours=72)
PATH = "/public/was-this-you/"
_LOCAL_PART = re.compile(r"[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*")
TYPES = {
    "login": Text("ログイン", "A login"),
    "withdraw": Text("出金の申請", "A withdrawal"),
    "address_add": Text("送付先アドレスの登録", "A new withdrawal address"),
    "password_change": Text("パスワードの変更", "A change of the password"),
    "password_reset": Text("パスワードの再設定", "A reset of the password"),
    "second_factor_change": Text("二要素認証の変更", "A change of the second factor"),
    "second_factor_reset": Text("二要素認証の再設定", "A reset of the second factor"),
    "api_key_create": Text("APIキーの作成", "A new API key"),
}
OTHER = Text("お取引", "An operation")
ACTIONS = {
    "step_up": Text("追加の本人確認をお願いしています。", "Another proof of identity is asked for."),
    "hold": Text("確認のため、手続を保留しています。", "It is on hold until it is checked."),
    "block": Text("安全のため、操作を停止しました。", "It was stopped for safety."),
}
_SUBJECT = Text("【ご確認ください】{what}を検知しました", "Please check: {what} was noticed")
_BODY = Text(
    "{at}に、お客様のアカウントで次の操作がありました。\n\n・操作: {what}\n{facts}{reasons}\n{action}\n",
    "At {at} this happened on your account.\n\n- What: {what}\n{facts}{reasons}\n{action}\n",
)
_ASK = Text(
    "\nこの操作に心当たりはありますか。次のページで「はい」「いいえ」をお答えください（{until}まで有効）。\n"
    "心当たりがない場合は、直ちにアカウントを凍結します。\n{link}\n",
    "\nWas this you? Please answer yes or no on this page, which is good until {until}. "
    "If it was not you, your account is frozen at once.\n{link}\n",
)
_FACTS = {
    "country": Text("国・地域", "Country"),
    "network": Text("ネットワーク", "Network"),
    "amount": Text("金額", "Amount"),
    "asset": Text("暗号資産", "Asset"),
}


@dataclass(frozen=True)
class SentLink:
    """A link as it is sent, once: the token is kept nowhere."""

    url: str
    expires_at: datetime


@dataclass(frozen=True)
class Told:
    """A notice in both languages; `subject` and `text` hold them one after the other."""

    about: dict[str, Any]
    subjects: Text
    texts: Text

    @property
    def subject(self) -> str:
        return f"{self.subjects.ja} / {self.subjects.en}"

    @property
    def text(self) -> str:
        return f"{self.texts.ja}\n----\n\n{self.texts.en}"

    def as_body(self) -> bytes:
        told = self.about | {"subject": self.subjects.as_dict(), "text": self.texts.as_dict()}
        return json.dumps(told, ensure_ascii=False, sort_keys=True).encode()


def address_of(user: str) -> str:
    """The mail address of a user; '' where none can be made of the id."""
    pattern = settings.SEKISHO_WATCH_MAIL_TO
    safe = len(user) <= 64 and _LOCAL_PART.fullmatch(user)
    return pattern.replace("{user}", user) if pattern and safe else ""


def digest_of(token: str) -> str:
    """What is kept of a token. It has 256 random bits, so a plain hash is as good as a slow one."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_link(warned: Warned) -> SentLink | None:
    """A link for one try to send; None where the public pages have no address."""
    if not settings.SEKISHO_PUBLIC_URL:
        return None
    token = secrets.token_urlsafe(32)
    expires_at = warned.detected_at + LINK_LASTS
    Link.objects.create(digest=digest_of(token), warned=warned, expires_at=expires_at)
    return SentLink(f"{settings.SEKISHO_PUBLIC_URL}{PATH}{token}/", expires_at)


def notice_of(warned: Warned, link: SentLink | None) -> Told:
    """The notice about one warning."""
    facts = warned.facts
    what = TYPES.get(facts.get("typ", ""), OTHER)
    parts = {
        "at": instant_in_words(warned.detected_at), "what": what, "facts": _lines(facts),
        "reasons": _reasons(facts), "action": ACTIONS.get(warned.action, Text("", "")),
    }  # fmt: skip
    texts = _BODY.format(**parts)
    if link is not None:
        asked = _ASK.format(until=instant_in_words(link.expires_at), link=link.url)
        texts = Text(texts.ja + asked.ja, texts.en + asked.en)
    about = {
        "what": "user_warning", "user": warned.user, "source": warned.source, "seq": warned.seq,
        "action": warned.action, "rules": warned.rules, "detected_at": clock.iso(warned.detected_at),
        "link": link.url if link else None, "link_expires_at": clock.iso(link.expires_at) if link else None,
    }  # fmt: skip
    return Told(about, _SUBJECT.format(what=what), texts)


def _lines(facts: dict[str, Any]) -> Text:
    told = [(label, str(facts[name])) for name, label in _FACTS.items() if facts.get(name) is not None]
    return Text("".join(f"・{t.ja}: {v}\n" for t, v in told), "".join(f"- {t.en}: {v}\n" for t, v in told))


def _reasons(facts: dict[str, Any]) -> Text:
    reasons = facts.get("reasons") or []
    return Text("".join(f"・{r['ja']}\n" for r in reasons), "".join(f"- {r['en']}\n" for r in reasons))

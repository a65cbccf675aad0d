"""Thought only: the bytes of one Alertmanager webhook into incident drafts.

Alertmanager sends a group of alerts again and again while any of them fires, so one alert arrives many times. What
makes it the same is its fingerprint (a hash of its labels) and its start: those are the draft's key.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from sekisho.connectors.language import (
    IncidentDraft,
    Instant,
    Problem,
    Reading,
    Status,
    Unreadable,
    decode_strict,
    instant,
    is_web_address,
    json_path,
    one_line,
    text_in,
    texts_in,
    visible,
)
from sekisho.kernel.texts import Text

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 16  # the format itself has four levels
MAX_ALERTS = 10_000

_FIELDS = {
    "version", "groupKey", "truncatedAlerts", "status", "receiver", "groupLabels", "commonLabels",
    "commonAnnotations", "externalURL", "alerts",
}  # fmt: skip
_ALERT_TEXTS = ("status", "startsAt", "endsAt", "generatorURL", "fingerprint")
_ALERT_FIELDS = {*_ALERT_TEXTS, "labels", "annotations"}
_STATUSES: dict[str, Status] = {"firing": "open", "resolved": "resolved"}
# The label `severity` is a custom, not part of the format. An unknown word counts as serious, and a notice says so.
_SERIOUS = {"critical", "emergency", "page", "fatal", "high", "major", "error"}
_MINOR = {"warning", "minor", "low", "info", "none"}
_NAMES_OF_SYSTEMS = ("system", "service", "app", "job", "instance", "host", "node")
_NAMES_OF_SUMMARIES = ("summary", "title", "message", "description")
_FINGERPRINT = re.compile(r"[0-9A-Za-z_-]{1,64}")
_LIKELY_YEARS = range(2000, 2100)

_NOT_AN_OBJECT = Text(
    "Alertmanager のウェブフックではありません。オブジェクトであるべきところが {found} です。",
    "This is no Alertmanager webhook: an object is wanted, and this is {found}.",
)
_NO_FIELD = Text(
    "Alertmanager のウェブフックではありません。項目「{name}」がありません（あるのは {found}）。"
    "別のツールなら、そのツールの受け口に送ってください。",
    "This is no Alertmanager webhook: it has no '{name}' (it has {found}). If another tool sent it, use its own door.",
)
_VERSION = Text(
    'ウェブフックの version {found} には対応していません。対応しているのは "4" です。',
    'Version {found} of the webhook is not known. The version that is read is "4".',
)
_NOT_A_LIST = Text(
    "alerts は配列であるべきですが、{found} です。", "'alerts' must be an array, and it is {found}."
)
_TOO_MANY = Text(
    "アラートが {count} 件あり、上限 {most} 件を超えています。webhook_config の max_alerts を設定してください。",
    "There are {count} alerts, and at most {most} are taken. Set max_alerts in webhook_config.",
)
_NO_ALERTS = Text("アラートが一件もありません。", "There is not one alert in it.")
_ALERT_NOT_AN_OBJECT = Text(
    "アラートはオブジェクトであるべきですが、{found} です。このアラートは取り込みませんでした。",
    "An alert must be an object, and this is {found}. The alert was not taken.",
)
_NO_START = Text(
    "開始日時がないため、このアラートは取り込みませんでした。",
    "There is no start, so the alert was not taken.",
)
_BAD_START = Text("{reason}このアラートは取り込みませんでした。", "{reason} The alert was not taken.")
_BAD_END = Text("{reason}終了日時なしで取り込みました。", "{reason} The alert was taken without an end.")
_UNLIKELY = Text(
    "{year} 年の日時です。送信元の時計を確認してください。アラートはそのまま取り込みました。",
    "The year is {year}. Check the sender's clock. The alert was taken with the time as given.",
)
_END_FIRST = Text(
    "終了（{end}）が開始（{start}）より前です。日時はそのまま取り込みました。",
    "The end ({end}) is before the start ({start}). The alert was taken with the times as given.",
)
_NO_END = Text(
    "解消とされていますが終了日時がありません。終了日時なしで取り込みました。",
    "It is said to be resolved, without an end. The alert was taken without one.",
)
_STATUS = Text(
    "状態「{found}」は不明です（firing か resolved のはずです）。不明のまま取り込み、解消とは扱いません。",
    "The status '{found}' is not known (firing or resolved). The alert was taken as unknown, never as resolved.",
)
_BAD_FINGERPRINT = Text(
    "fingerprint の形式が正しくありません。代わりにラベルで識別します。",
    "This is no fingerprint. The labels identify the alert instead.",
)
_NO_LINK = Text(
    "http(s) のアドレスではありません。リンクにせず、文字として残しました。",
    "This is no http(s) address. It was kept as text and is no link.",
)
_COUNT = Text(
    "0 以上の整数であるべきです。省かれたアラートの数が分かりません。",
    "A whole number from 0 is wanted. How many alerts were left out is not known.",
)
_REPEATED = Text(
    "同じアラートが異なる内容で二度あります。未解消・重大なほうを取り込みました。",
    "The same alert stands twice with different content. The one that is open, or more serious, was taken.",
)
_TRUNCATED = Text(
    "Alertmanager が {count} 件のアラートを省いて送信しました（max_alerts）。"
    "省かれた分は Alertmanager で確認してください。",
    "Alertmanager left out {count} alerts when it sent this (max_alerts). Look them up in Alertmanager.",
)
_UNKNOWN_FIELDS = Text(
    "知らない項目を取り込みませんでした: {names}", "Fields that are not known were left out: {names}"
)
_RESOLVED = Text(
    "Alertmanager は解消したと報告しています。自動では終結しません。担当者が判断してください。",
    "Alertmanager reports it resolved. Nothing is closed by that: a person decides.",
)
_STILL_OPEN = Text(
    "解消の報告ではありませんが、終了日時 {end} が付いています。終了とは扱いません。",
    "It is not reported as resolved, yet bears the end {end}. It is not taken as ended.",
)
_SEVERITY = Text(
    "重大度「{found}」は不明なため、重大として扱います。担当者が判断してください。",
    "The severity '{found}' is not known, so it counts as serious until a person decides.",
)
_LEAP = Text(
    "うるう秒 {given} は、その直前のマイクロ秒として記録します。",
    "The leap second {given} is recorded as the microsecond before it.",
)


def parse(data: bytes) -> Reading:
    """The drafts in the body of one webhook: one for each alert. Raises Unreadable if it is no such body at all."""
    payload = _payload(data)
    problems: list[Problem] = []
    drafts: dict[str, IncidentDraft] = {}
    envelope = _envelope(payload, problems)
    for index, alert in enumerate(payload["alerts"]):
        draft = _draft(alert, index, envelope, problems)
        if draft is None:
            continue
        known = drafts.setdefault(draft.source_key, draft)
        if known != draft:
            problems.append(Problem(json_path("alerts", index), _REPEATED))
            drafts[draft.source_key] = max(known, draft, key=_weight)
    if not payload["alerts"]:
        problems.append(Problem(json_path("alerts"), _NO_ALERTS))
    losses = _losses(payload, problems)
    return Reading(tuple(drafts.values()), tuple(problems), losses)


def _payload(data: bytes) -> dict[str, Any]:
    """The body as an object with version "4" and a list of alerts; nothing further is certain. Raises Unreadable."""
    payload = decode_strict(data, max_bytes=MAX_BYTES, max_depth=MAX_DEPTH)
    if not isinstance(payload, dict):
        raise Unreadable(_NOT_AN_OBJECT, found=_kind(payload))
    for name in ("version", "alerts"):
        if name not in payload:
            raise Unreadable(_NO_FIELD, name=name, found=_names(payload))
    if payload["version"] != "4":
        raise Unreadable(_VERSION, found=one_line(json.dumps(payload["version"]), 40))
    alerts = payload["alerts"]
    if not isinstance(alerts, list):
        raise Unreadable(_NOT_A_LIST, found=_kind(alerts))
    if len(alerts) > MAX_ALERTS:
        raise Unreadable(_TOO_MANY, count=len(alerts), most=MAX_ALERTS)
    return payload


def _envelope(payload: dict[str, Any], problems: list[Problem]) -> dict[str, str]:
    """What the group says of each of its alerts. Its labels and annotations only repeat what the alerts have."""
    for name in ("groupLabels", "commonLabels", "commonAnnotations"):
        texts_in(payload, name, problems=problems)
    text_in(payload, "status", problems=problems)
    given = {
        name: text_in(payload, name, problems=problems) for name in ("receiver", "groupKey", "externalURL")
    }
    _report_link(given["externalURL"], problems, "externalURL")
    return given


def _losses(payload: dict[str, Any], problems: list[Problem]) -> tuple[Text, ...]:
    losses = []
    truncated = payload.get("truncatedAlerts")
    if truncated is not None and (type(truncated) is not int or truncated < 0):
        problems.append(Problem(json_path("truncatedAlerts"), _COUNT))
    elif truncated:
        losses.append(_TRUNCATED.format(count=truncated))
    unknown = dict.fromkeys(name for name in payload if name not in _FIELDS)
    for alert in payload["alerts"]:
        if isinstance(alert, dict):
            unknown.update(dict.fromkeys(f"alerts[].{name}" for name in alert if name not in _ALERT_FIELDS))
    if unknown:
        losses.append(_UNKNOWN_FIELDS.format(names=_names(unknown)))
    return tuple(losses)


def _draft(
    alert: object, index: int, envelope: dict[str, str], problems: list[Problem]
) -> IncidentDraft | None:
    """The draft of one alert; None, with the problem, only if it is no object or has no start."""
    here = ("alerts", index)
    if not isinstance(alert, dict):
        problems.append(Problem(json_path(*here), _ALERT_NOT_AN_OBJECT.format(found=_kind(alert))))
        return None
    given = {name: text_in(alert, name, *here, problems=problems) for name in _ALERT_TEXTS}
    start = _start(given["startsAt"], index, problems)
    if start is None:
        return None
    labels = texts_in(alert, "labels", *here, problems=problems)
    annotations = texts_in(alert, "annotations", *here, problems=problems)
    status = _status(given["status"], index, problems)
    end = _end(given["endsAt"], start, status, index, problems)
    _report_link(given["generatorURL"], problems, *here, "generatorURL")
    severity = labels.get("severity", "")
    given |= envelope
    return IncidentDraft(
        source="alertmanager",
        source_key=f"{_identity(given['fingerprint'], labels, index, problems)}@{start}",
        title=_title(labels, annotations),
        severity="minor" if severity.lower() in _MINOR else "serious",
        status=status,
        detected_at=start.at,
        ended_at=end.at if end and status == "resolved" else None,
        system_hint=one_line(next((labels[name] for name in _NAMES_OF_SYSTEMS if labels.get(name)), "")),
        labels=_shown(labels),
        details=_shown(annotations),
        given=_shown({name: value for name, value in given.items() if value}),
        links=_links((given["generatorURL"], given["externalURL"], *annotations.values())),
        notices=tuple(_notices(status, severity, start, end)),
    )


def _start(value: str, index: int, problems: list[Problem]) -> Instant | None:
    where = json_path("alerts", index, "startsAt")
    try:
        start = instant(value) if value else None
    except Unreadable as error:
        problems.append(Problem(where, _BAD_START.format(reason=error.text)))
        return None
    if start is None or start.is_unset:
        problems.append(Problem(where, _NO_START))
        return None
    if start.at.year not in _LIKELY_YEARS:
        problems.append(Problem(where, _UNLIKELY.format(year=start.at.year)))
    return start


def _end(value: str, start: Instant, status: Status, index: int, problems: list[Problem]) -> Instant | None:
    where = json_path("alerts", index, "endsAt")
    try:
        end = instant(value) if value else None
    except Unreadable as error:
        problems.append(Problem(where, _BAD_END.format(reason=error.text)))
        return None
    if end is None or end.is_unset:
        if status == "resolved":
            problems.append(Problem(where, _NO_END))
        return None
    if end < start:
        problems.append(Problem(where, _END_FIRST.format(start=start, end=end)))
    return end


def _status(value: str, index: int, problems: list[Problem]) -> Status:
    if value not in _STATUSES:
        problems.append(
            Problem(json_path("alerts", index, "status"), _STATUS.format(found=one_line(value, 40)))
        )
    return _STATUSES.get(value, "unknown")


def _identity(fingerprint: str, labels: dict[str, str], index: int, problems: list[Problem]) -> str:
    """The fingerprint, or `labels:` and a hash of the labels where that is missing or broken."""
    if _FINGERPRINT.fullmatch(fingerprint):
        return fingerprint
    if fingerprint:
        problems.append(Problem(json_path("alerts", index, "fingerprint"), _BAD_FINGERPRINT))
    return "labels:" + hashlib.sha256(json.dumps(labels, sort_keys=True).encode()).hexdigest()


def _title(labels: dict[str, str], annotations: dict[str, str]) -> str:
    """The alert's name and what it says of itself; never empty."""
    says = next((annotations[name] for name in _NAMES_OF_SUMMARIES if annotations.get(name)), "")
    parts = dict.fromkeys(part for part in (one_line(labels.get("alertname", "")), one_line(says)) if part)
    return one_line(": ".join(parts)) or "Alertmanager"


def _notices(status: Status, severity: str, start: Instant, end: Instant | None) -> Iterable[Text]:
    if status == "resolved":
        yield _RESOLVED
    elif end:
        yield _STILL_OPEN.format(end=end)
    if severity.lower() not in _SERIOUS | _MINOR:
        yield _SEVERITY.format(found=one_line(severity, 40))
    for moment in (start, end if status == "resolved" else None):
        if moment and moment.in_leap_second:
            yield _LEAP.format(given=moment)


def _links(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if is_web_address(value)))


def _report_link(value: str, problems: list[Problem], *steps: str | int) -> None:
    if value and not is_web_address(value):
        problems.append(Problem(json_path(*steps), _NO_LINK))


def _weight(draft: IncidentDraft) -> tuple[bool, bool]:
    return draft.status != "resolved", draft.severity == "serious"


def _shown(texts: dict[str, str]) -> dict[str, str]:
    return {visible(name): visible(value) for name, value in texts.items()}


def _names(record: Mapping[str, object]) -> str:
    """The names of the first few fields, fit for a message."""
    names = [one_line(name, 40) for name in list(record)[:8]]
    return ", ".join(names) + (" …" if len(record) > 8 else "") if names else "{}"


def _kind(value: object) -> str:
    """What JSON calls it."""
    kinds = {dict: "object", list: "array", str: "string", bool: "boolean", int: "number", float: "number"}
    return kinds.get(type(value), "null")

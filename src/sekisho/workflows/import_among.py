"""What is wrong with a file's rows beside other records, for many rows at once.

What a kind declares `unique`; each kind that overrides `problems_among` has its twin here, over sets instead of one
record (a test holds the two lists together); then what the file tells of approvals, which nobody has decided on a page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import date
from typing import Any

from sekisho.access.rights import role_names
from sekisho.kernel import clock
from sekisho.kernel.texts import Text
from sekisho.records.chains import Chain, link_of, vendor_words
from sekisho.records.contents import KINDS, is_kind, kind_named
from sekisho.records.models import Appointment, Approval, Subcontract
from sekisho.records.models.watch import BY_ITS_ACTS, by_hand
from sekisho.records.record import DOUBLE, Values
from sekisho.workflows import import_among_releases as releases
from sekisho.workflows.import_plan import PlannedRow
from sekisho.workflows.import_register import Beside, Registers

_OVERLAP = Text(
    "同じ人・役割・部署・システムの任命 {other}（{since} から {until}）"
    "と期間が重なります。どちらかの就任日か退任日を直してください。",
    "It overlaps the same person's appointment {other} ({since} to {until}). Mend one of the two periods.",
)
_OUTSIDE = Text(
    "在籍期間（{joined} から {left}）の外です。就任日か、役職員の入社日・退職日を直してください。",
    "It is outside the person's time at the member ({joined} to {left}). Mend this day, or the person's days.",
)
_IN_FORCE_BEFORE = Text(
    "施行日 {in_force} が承認日 {approved}（{other}）より前です。施行日を承認日以後の日にしてください。",
    "It is in force on {in_force}, before its approval on "
    "{approved} ({other}). Let it take effect on or after that day.",
)
_APPROVED_AFTER = Text(
    "承認日 {approved} が、対象 {other} の施行日 {in_force} より後です。どちらの日付が正しいか確認してください。",
    "It is approved on {approved}, after {other} came into force on {in_force}. Check which of the two is right.",
)
_OWN = Text(
    "申請者と承認者が同じ人（{person}）です。申請した人は承認できません。実際に承認した別の人を入力してください。",
    "The same person ({person}) asked and decided. Who asks may not approve: enter who else did.",
)
_NOT_ENTITLED = Text(
    "{person} は決定の日（{day}）に、承認できる役割（{roles}）に就いていません。"
    "承認者か決定日時、または任命の登録を直してください。",
    "{person} held no role that may approve this ({roles}) on the day of the decision, {day}. "
    "Mend who decided, when, or the appointment.",
)
_WRONG_ROLE = Text(
    "この対象を承認できる役割は {roles} です。承認者の役割を直してください。",
    "This subject is approved by: {roles}. Mend the approver's role.",
)
_NOW = Text("在任中", "now")


def problems_among_rows(registers: Registers) -> None:
    """Add to every row that lies over the registers what is wrong with it beside the others."""
    for model in KINDS:
        rows = _touched(registers, model.about.name) if model.about.unique else []
        for names in model.about.unique if rows else ():
            _doubles(rows, registers, names)
    for kind, check in AMONG.items():
        if rows := _touched(registers, kind):
            check(rows, registers)
    if decided := [
        r for r in _touched(registers, "approval") if r.values.get("step") in ("approved", "sent_back")
    ]:
        _entitled(decided, registers)
    _in_force_after_approval(registers)


def _touched(registers: Registers, kind: str) -> list[PlannedRow]:
    return [row for row in registers.rows(kind) if row.action in ("create", "change")]


# --- appointments ---------------------------------------------------------------------------------------------------


def _appointments(rows: list[PlannedRow], registers: Registers) -> None:
    people = {row.values["person"] for row in rows}
    groups: dict[tuple[Any, ...], list[Beside]] = defaultdict(list)
    for found in registers.among(Appointment, "person", people):
        v = found.values
        groups[v["person"], v["role"], v["unit"], v["system"]].append(found)
    for group in groups.values():
        if len(group) > 1:
            _overlaps(group)
    known = registers.one("person", people)
    for row in rows:
        if person := known.get(row.values["person"]):
            _within(row, person)


def _overlaps(group: list[Beside]) -> None:
    """Both of two that overlap are told, where they are rows of the file."""
    group.sort(key=lambda b: (b.values["since_on"], b.key))
    longest = group[0]
    for later in group[1:]:
        if later.values["since_on"] <= _end(longest):
            _tell_overlap(later, longest)
            _tell_overlap(longest, later)
        if _end(later) > _end(longest):
            longest = later


def _end(of: Beside) -> date:
    return of.values["until_on"] or date.max


def _tell_overlap(one: Beside, other: Beside) -> None:
    if one.row is None or one.row.action not in ("create", "change"):
        return
    since, until = other.values["since_on"], other.values["until_on"] or _NOW
    one.row.add("overlap", _OVERLAP.format(other=_named(other), since=since, until=until), "since_on")


def _named(of: Beside) -> str:
    """The record's key, and its place where it is a row of the file."""
    return f"{of.key} [{of.row.cell('')}]" if of.row else of.key


def _within(row: PlannedRow, person: Values) -> None:
    since, joined, left = row.values["since_on"], person["joined_on"], person["left_on"]
    if since < joined or (left and since > left):
        text = _OUTSIDE.format(joined=joined, left=left or Text("在籍中", "now"))
        row.add("outside_employment", text, "since_on")


# --- what is unique ---------------------------------------------------------------------------------------------------


def _doubles(rows: list[PlannedRow], registers: Registers, names: tuple[str, ...]) -> None:
    """Every row whose values of these fields another record, or row, has too."""
    model = kind_named(rows[0].kind)
    groups: dict[tuple[Any, ...], list[Beside]] = defaultdict(list)
    for found in registers.among(model, names[0], {row.values[names[0]] for row in rows} - {None}):
        values = tuple(found.values[n] for n in names)
        if None not in values:
            groups[values].append(found)
    for group in groups.values():
        for one in group if len(group) > 1 else ():
            if one.row is not None and one.row.action in ("create", "change"):
                other = next(b for b in group if b is not one)
                one.row.add("double", DOUBLE.format(other=_named(other)), names[-1])


# --- subcontracts ---------------------------------------------------------------------------------------------------


def _subcontracts(rows: list[PlannedRow], registers: Registers) -> None:
    """Circles, links that stand twice, and steps that the chain contradicts; every row of a circle is told."""
    services = {row.values["service"] for row in rows}
    chains: dict[str, list[Beside]] = defaultdict(list)
    for found in registers.among(Subcontract, "service", services):
        chains[found.values["service"]].append(found)
    names = _vendor_names(chains.values(), registers)
    tops = {key: values["vendor"] for key, values in registers.one("outsourced_service", services).items()}
    for service, chain in chains.items():
        links = {b.key: link_of(b.key, b.values) for b in chain}
        places = {b.key: _named(b) for b in chain}
        whole = Chain(tops.get(service), links.values())
        for row in (b.row for b in chain if b.row is not None and b.row.action in ("create", "change")):
            step = row.values["step"]
            for code, field, text in whole.troubles(
                links[row.key], step, names.__getitem__, places.__getitem__
            ):
                row.add(code, text, field)


def _vendor_names(chains: Iterable[list[Beside]], registers: Registers) -> dict[str, Text]:
    every = (b.values for chain in chains for b in chain)
    ends = {key for values in every for key in (values["from_vendor"], values["to_vendor"]) if key}
    known = registers.one("vendor", ends)
    return {key: vendor_words(key, known[key]["name"] if key in known else None) for key in ends}


# --- held withdrawals -----------------------------------------------------------------------------------------------


def _held_withdrawals(rows: list[PlannedRow], _: Registers) -> None:
    """A file releases nothing: that takes two people and the acts on the page."""
    for row in rows:
        for name in by_hand(row.before, row.values):
            row.add("by_its_acts", BY_ITS_ACTS, name)


AMONG: dict[str, Callable[[list[PlannedRow], Registers], None]] = {
    "appointment": _appointments,
    "deployment": releases.deployments,
    "held_withdrawal": _held_withdrawals,
    "judgement": releases.judgements,
    "subcontract": _subcontracts,
}


# --- approvals ------------------------------------------------------------------------------------------------------


def _entitled(rows: list[PlannedRow], registers: Registers) -> None:
    """Who decided is not who asked, and held on that day a role that approves the subject."""
    deciders = {row.values["decided_by"] for row in rows}
    held: dict[str, list[Values]] = defaultdict(list)
    for found in registers.among(Appointment, "person", deciders):
        held[found.values["person"]].append(found.values)
    people = registers.one("person", deciders)
    subjects = _subjects(rows, registers)
    for row in rows:
        person, day = row.values["decided_by"], clock.day_of(row.values["at"])
        if person == row.values["asked_by"]:
            row.add("own_approval", _OWN.format(person=person), "decided_by")
            continue
        needed = _approvers(row, subjects)
        role = row.values.get("role")
        if role and needed and role not in needed:
            row.add("wrong_role", _WRONG_ROLE.format(roles=role_names(needed)), "role")
            continue
        wanted = frozenset({role}) if role else needed
        if wanted and not _holds(wanted, held[person], people.get(person), day):
            text = _NOT_ENTITLED.format(person=person, day=day, roles=role_names(wanted))
            row.add("not_entitled", text, "decided_by")


def _subjects(rows: list[PlannedRow], registers: Registers) -> dict[str, Values]:
    wanted: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        kind, _, key = row.values["subject"].partition(":")
        if is_kind(kind):
            wanted[kind].add(key)
    return {f"{k}:{key}": v for k, keys in wanted.items() for key, v in registers.one(k, keys).items()}


def _approvers(row: PlannedRow, subjects: dict[str, Values]) -> frozenset[str]:
    """The roles that approve the subject; none where it takes no approval as it stands."""
    subject = row.values["subject"]
    values = subjects.get(subject)
    return kind_named(subject.partition(":")[0]).about.approvers(values) if values else frozenset()


def _holds(roles: Collection[str], appointments: list[Values], person: Values | None, day: date) -> bool:
    if person is None or (person["left_on"] and person["left_on"] < day):
        return False
    return any(
        a["role"] in roles and a["since_on"] <= day and (a["until_on"] is None or day <= a["until_on"])
        for a in appointments
    )


def _in_force_after_approval(registers: Registers) -> None:
    """A document comes into force on the day of its first approval or later; one without is left to the checks."""
    documents = {f"document:{row.key}" for row in _touched(registers, "document")}
    approvals = _touched(registers, "approval")
    asked = documents | {s for r in approvals if (s := r.values["subject"]).startswith("document:")}
    if not asked:
        return
    first: dict[str, Beside] = {}
    for found in registers.among(Approval, "subject", asked):
        if found.values["step"] == "approved" and found.values["at"]:
            subject = found.values["subject"]
            if subject not in first or found.values["at"] < first[subject].values["at"]:
                first[subject] = found
    known = registers.one("document", [subject.partition(":")[2] for subject in first])
    for subject, approval in first.items():
        key = subject.partition(":")[2]
        in_force = known[key]["in_force_on"] if key in known else None
        approved = clock.day_of(approval.values["at"])
        if in_force and in_force < approved:
            _tell_in_force(registers.row("document", key), approval, key, in_force, approved)


def _tell_in_force(
    document: PlannedRow | None, approval: Beside, key: str, in_force: date, approved: date
) -> None:
    if document is not None and document.action in ("create", "change"):
        text = _IN_FORCE_BEFORE.format(in_force=in_force, approved=approved, other=_named(approval))
        document.add("in_force_before_approval", text, "in_force_on")
    elif approval.row is not None and approval.row.action in ("create", "change"):
        text = _APPROVED_AFTER.format(in_force=in_force, approved=approved, other=f"document:{key}")
        approval.row.add("in_force_before_approval", text, "at")

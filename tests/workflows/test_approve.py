"""A governed change: asked for by one, decided by another, written only where it is approved."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from sekisho.access.rights import operator_actor
from sekisho.kernel import clock
from sekisho.kernel.errors import Conflict, Invalid, NotFound, Refused
from sekisho.ledger.models import Version
from sekisho.records.contents import KINDS
from sekisho.records.models import Appointment, Approval, Document, GrantedException, Person, System
from sekisho.workflows import approve
from sekisho.workflows.act import act
from sekisho.workflows.approve import AboutOneself, AlreadyAsked, OwnChange, WrongStep
from sekisho.workflows.change import NoApprovalNeeded, SubjectChanged, UnreadableChange, change_of
from sekisho.workflows.record import NeedsApproval, remove_record, save_record
from sekisho.workflows.verify import verify_all

TODAY = date(2026, 10, 1)
NOON = datetime(2026, 10, 1, 3, tzinfo=UTC)
OTHER = {"kind": "other", "title": "障害対応手順", "version": "1.0", "in_force_on": date(2026, 11, 1)}
POLICY = {"kind": "basic_policy", "title": "基本方針", "version": "5.0", "in_force_on": date(2026, 11, 1)}
OPERATOR = operator_actor("test")


@pytest.fixture(autouse=True)
def noon(db, settings, tmp_path):
    settings.SEKISHO_HOME = str(tmp_path)
    with clock.standing_at(NOON):
        yield


def give(person, role, **values):
    """Another appointment, straight into the register."""
    with act("give", OPERATOR.by) as doing:
        key = f"A-9{Appointment.objects.count():03d}"
        doing.put(
            Appointment, key, {"person": person.key, "role": role, "since_on": date(2024, 4, 1), **values}
        )
    return key


def asked(cast, values=OTHER, key=None, by=None):
    return approve.ask((by or cast.mori).actor, Document, key, values, "改定のため")


# --- from draft to decision


def test_what_is_asked_for_stands_in_no_register_until_it_is_approved(cast):
    approval = asked(cast)
    assert (approval.key, approval.step, approval.subject) == ("AP-0001", "submitted", "document:D-0001")
    assert (approval.asked_by_id, approval.asked_at, approval.reason) == ("P-0004", NOON, "改定のため")
    assert not Document.objects.exists()


def test_an_approved_change_is_written_in_the_same_act(cast):
    approve.approve(cast.sakura.actor, asked(cast).key, "妥当")
    document = Document.objects.get()
    approval = Approval.objects.get()
    assert (document.key, document.title, document.in_force_on) == (
        "D-0001",
        "障害対応手順",
        date(2026, 11, 1),
    )
    assert (approval.step, approval.decision, approval.role) == (
        "approved",
        "approved",
        "chief_system_officer",
    )
    assert (approval.decided_by_id, approval.at, approval.reason) == ("P-0002", NOON, "妥当")
    assert approval.subject_ver == document.ver == 1
    lines = Version.objects.filter(act_name="approve").values_list("kind", "rec", "by", "reason")
    assert set(lines) == {
        ("document", "D-0001", "person:P-0002", "妥当"), ("approval", "AP-0001", "person:P-0002", "妥当"),
    }  # fmt: skip
    assert len(set(Version.objects.filter(act_name="approve").values_list("act", flat=True))) == 1
    assert verify_all().ok


def test_the_change_is_kept_as_canonical_json_with_the_version_it_was_made_against(cast):
    approval = asked(cast)
    assert json.loads(approval.change) == {
        "op": "write",
        "seen_ver": 0,
        "values": {"kind": "other", "title": "障害対応手順", "version": "1.0", "in_force_on": "2026-11-01"},
    }
    assert change_of(approval).values["in_force_on"] == date(2026, 11, 1)


def test_each_step_is_an_act_in_the_ledger(cast):
    draft = approve.ask(cast.mori.actor, Document, None, OTHER, "起案", draft=True)
    approve.submit(cast.mori.actor, draft.key, draft.ver)
    back = approve.send_back(cast.sakura.actor, draft.key, "根拠を足してください")
    edited = approve.edit_draft(
        cast.mori.actor, draft.key, OTHER | {"notes": "根拠"}, "追記", expected_ver=back.ver
    )
    approve.submit(cast.mori.actor, draft.key, edited.ver)
    approve.approve(cast.kamiya.actor, draft.key)
    lines = Version.objects.filter(kind="approval", rec=draft.key).order_by("ver")
    assert list(lines.values_list("act_name", "by")) == [
        ("ask_approval", "person:P-0004"), ("submit_approval", "person:P-0004"), ("send_back", "person:P-0002"),
        ("edit_draft", "person:P-0004"), ("submit_approval", "person:P-0004"), ("approve", "person:P-0001"),
    ]  # fmt: skip
    steps = [json.loads(bytes(body))["step"] for body in lines.values_list("body", flat=True)]
    assert steps == ["draft", "submitted", "sent_back", "draft", "submitted", "approved"]
    assert Document.objects.get().notes == "根拠"


def test_what_was_sent_back_carries_no_decision_once_it_is_edited(cast):
    approval = asked(cast)
    approve.send_back(cast.sakura.actor, approval.key, "不足")
    edited = approve.edit_draft(cast.mori.actor, approval.key, OTHER | {"version": "1.1"})
    assert edited.step == "draft"
    assert [edited.decision, edited.decided_by_id, edited.role, edited.at] == [None] * 4


@pytest.mark.parametrize("step", ["draft", "submitted", "sent_back"])
def test_who_asked_may_withdraw_while_nothing_is_decided_and_nobody_else(cast, step):
    approval = approve.ask(cast.mori.actor, Document, None, OTHER, draft=step == "draft")
    if step == "sent_back":
        approve.send_back(cast.sakura.actor, approval.key, "不足")
    with pytest.raises(Refused, match="森 智子"):
        approve.withdraw(cast.sakura.actor, approval.key)
    assert approve.withdraw(cast.mori.actor, approval.key, "誤り").step == "withdrawn"
    with pytest.raises(WrongStep):
        approve.approve(cast.sakura.actor, approval.key)


DONE = {
    "draft": set(), "submitted": set(), "approved": {"approve"}, "sent_back": {"send_back"}, "withdrawn": {"withdraw"},
}  # fmt: skip
ACTS = {
    "edit_draft": lambda cast, key: approve.edit_draft(cast.mori.actor, key, OTHER | {"version": "2"}),
    "submit_approval": lambda cast, key: approve.submit(cast.mori.actor, key),
    "approve": lambda cast, key: approve.approve(cast.sakura.actor, key),
    "send_back": lambda cast, key: approve.send_back(cast.sakura.actor, key, "理由"),
    "withdraw_approval": lambda cast, key: approve.withdraw(cast.mori.actor, key),
}


@pytest.mark.parametrize("step", DONE)
@pytest.mark.parametrize("name", ACTS)
def test_only_the_table_of_steps_leads_from_one_to_the_next(cast, step, name):
    approval = approve.ask(cast.mori.actor, Document, None, OTHER, draft=step == "draft")
    for done in DONE[step]:
        ACTS[{"withdraw": "withdraw_approval"}.get(done, done)](cast, approval.key)
    if (step, name) in approve.NEXT:
        assert ACTS[name](cast, approval.key).step == approve.NEXT[step, name]
    else:
        with pytest.raises(WrongStep):
            ACTS[name](cast, approval.key)


# --- who decides


def test_the_author_does_not_decide_whatever_roles_are_held(cast):
    approval = asked(cast, by=cast.sakura)
    for decide in (approve.approve, approve.send_back):
        with pytest.raises(OwnChange) as refusal:
            decide(cast.sakura.actor, approval.key, "自分で")
        assert "神谷 直人 (P-0001)" in refusal.value.text.en
        assert "佐倉" not in refusal.value.text.en
    assert Approval.objects.get().step == "submitted"


def test_who_edited_or_submitted_somebody_elses_draft_does_not_decide_it(cast):
    draft = approve.ask(cast.mori.actor, Document, None, OTHER, draft=True)
    approve.edit_draft(cast.sakura.actor, draft.key, OTHER | {"version": "1.1"})
    approve.submit(cast.mori.actor, draft.key)
    with pytest.raises(OwnChange):
        approve.approve(cast.sakura.actor, draft.key)
    other = approve.ask(cast.mori.actor, Document, None, OTHER | {"title": "別"}, draft=True)
    approve.submit(cast.sakura.actor, other.key)
    with pytest.raises(OwnChange):
        approve.approve(cast.sakura.actor, other.key)


def test_where_nobody_else_holds_the_role_the_refusal_says_so(cast):
    appointment = approve.ask(
        cast.kamiya.actor, Appointment, None,
        {"person": cast.mori.key, "role": "chief_system_officer", "since_on": date(2026, 11, 1)},
    )  # fmt: skip
    with pytest.raises(OwnChange, match="Representative director") as refusal:
        approve.approve(cast.kamiya.actor, appointment.key)
    assert "代表取締役" in refusal.value.text.ja


def test_a_person_with_two_hats_is_still_one_person(cast):
    give(cast.mori, "chief_system_officer")
    approval = asked(cast)
    with pytest.raises(OwnChange):
        approve.approve(cast.mori.actor, approval.key)


def test_a_person_with_two_hats_decides_in_the_one_that_the_rule_names(cast):
    give(cast.chiba, "board_member")
    approval = asked(cast, POLICY)
    approve.approve(cast.chiba.actor, approval.key)
    assert Approval.objects.get().role == "board_member"


@pytest.mark.parametrize("who", ["aoki", "mori", "chiba", "ogawa", "nishi", "kitagawa", "kyuda"])
def test_who_does_not_hold_the_role_does_not_decide(cast, who):
    approval = asked(cast, by=cast.aoki if who == "mori" else cast.mori)
    with pytest.raises(Refused) as refusal:
        approve.approve(getattr(cast, who).actor, approval.key)
    assert "代表取締役、システム統括管理責任者" in refusal.value.text.ja


def test_the_chief_system_officer_does_not_approve_what_takes_the_board(cast):
    approval = asked(cast, POLICY)
    with pytest.raises(Refused):
        approve.approve(cast.sakura.actor, approval.key)
    assert approve.approve(cast.kamiya.actor, approval.key).step == "approved"


def test_a_role_that_lapsed_since_the_change_was_asked_for_decides_nothing(cast):
    actor = cast.sakura.actor
    approval = asked(cast)
    with act("end", OPERATOR.by) as doing:
        doing.put(Appointment, cast.sakura.appointment, {"until_on": TODAY - timedelta(days=1)})
    with pytest.raises(Refused):
        approve.approve(actor, approval.key)
    with act("end", OPERATOR.by) as doing:
        doing.put(Appointment, cast.sakura.appointment, {"until_on": TODAY})
    assert approve.approve(actor, approval.key).step == "approved"


def test_who_left_decides_nothing_though_an_appointment_stands(cast):
    actor = cast.sakura.actor
    approval = asked(cast)
    with act("leave", OPERATOR.by) as doing:
        doing.put(Person, cast.sakura.key, {"left_on": TODAY - timedelta(days=1)})
    with pytest.raises(Refused):
        approve.approve(actor, approval.key)


def test_a_role_that_begins_tomorrow_decides_tomorrow(cast):
    give(cast.chiba, "board_member", since_on=TODAY + timedelta(days=1))
    approval = asked(cast, POLICY)
    with pytest.raises(Refused):
        approve.approve(cast.chiba.actor, approval.key)
    with clock.standing_at(NOON + timedelta(days=1)):
        assert approve.approve(cast.chiba.actor, approval.key).step == "approved"


def test_services_and_the_operator_neither_ask_nor_decide(cast):
    approval = asked(cast)
    with pytest.raises(Refused):
        approve.approve(OPERATOR, approval.key)
    with pytest.raises(Refused):
        approve.ask(OPERATOR, Document, None, OTHER)


def test_a_token_decides_only_where_it_may_write_approvals(cast):
    from dataclasses import replace

    approval = asked(cast)
    with pytest.raises(Refused):
        approve.approve(replace(cast.sakura.actor, writes=frozenset({"document"})), approval.key)
    with pytest.raises(Refused):
        approve.ask(replace(cast.mori.actor, writes=frozenset({"unit"})), Document, None, POLICY)
    assert (
        approve.approve(replace(cast.sakura.actor, writes=frozenset({"approval"})), approval.key).step
        == "approved"
    )


def test_who_may_not_write_the_kind_does_not_ask(cast):
    with pytest.raises(Refused):
        approve.ask(cast.nishi.actor, Document, None, OTHER)
    with pytest.raises(Refused):
        approve.ask(cast.kyuda.actor, Document, None, OTHER)


# --- appointments


def appointing(cast, person, role, by, **values):
    values = {"person": person.key, "role": role, "since_on": date(2026, 11, 1), **values}
    return approve.ask(by.actor, Appointment, None, values)


def test_nobody_approves_the_own_appointment(cast):
    approval = appointing(cast, cast.kamiya, "director_in_charge", cast.sakura)
    with pytest.raises(AboutOneself) as refusal:
        approve.approve(cast.kamiya.actor, approval.key)
    assert "任命してください" in refusal.value.text.ja
    give(cast.chiba, "board_member")
    assert approve.approve(cast.chiba.actor, approval.key).step == "approved"


def test_nobody_ends_the_own_appointment_alone(cast):
    approval = approve.ask(
        cast.sakura.actor, Appointment, cast.kamiya.appointment, {"until_on": date(2026, 12, 31)}
    )
    with pytest.raises(AboutOneself):
        approve.approve(cast.kamiya.actor, approval.key)


def test_an_office_of_the_board_is_not_taken_away_as_if_it_were_a_lesser_one(cast):
    """The chief system officer approves an operator's appointment; not that of a director turned into one."""
    approval = approve.ask(
        cast.mori.actor, Appointment, cast.kamiya.appointment, {"role": "operator", "system": "S-EXC"}
    )
    with pytest.raises(Refused, match="Representative director"):
        approve.approve(cast.sakura.actor, approval.key)


def test_rights_follow_from_the_approved_appointment_on_its_first_day(cast):
    approval = appointing(cast, cast.nishi, "risk_manager", cast.mori)
    approve.approve(cast.sakura.actor, approval.key)
    assert not cast.nishi.actor.roles
    with clock.standing_at(datetime(2026, 11, 1, tzinfo=UTC)):
        assert cast.nishi.actor.roles == {"risk_manager"}


# --- versions and replays


def test_a_stale_page_decides_nothing(cast):
    draft = approve.ask(cast.mori.actor, Document, None, OTHER, draft=True)
    submitted = approve.submit(cast.mori.actor, draft.key, draft.ver)
    with pytest.raises(Conflict):
        approve.approve(cast.sakura.actor, draft.key, "", draft.ver)
    assert approve.approve(cast.sakura.actor, draft.key, "", submitted.ver).step == "approved"


def test_the_same_request_replayed_twenty_times_decides_once(cast):
    approval = asked(cast)
    approve.approve(cast.sakura.actor, approval.key, "妥当", 1)
    for _ in range(20):
        with pytest.raises(WrongStep):
            approve.approve(cast.sakura.actor, approval.key, "妥当", 1)
    assert Version.objects.filter(act_name="approve").count() == 2
    assert Document.objects.get().ver == 1


def test_the_same_request_asked_again_is_refused_while_it_is_open(cast):
    approval = asked(cast)
    for _ in range(20):
        with pytest.raises(AlreadyAsked, match=approval.key):
            asked(cast)
    approve.withdraw(cast.mori.actor, approval.key)
    assert asked(cast).key == "AP-0002"


def test_a_record_that_changed_since_is_not_overwritten(cast):
    approve.approve(cast.sakura.actor, asked(cast).key)
    first = asked(cast, {"version": "1.1"}, "D-0001")
    second = approve.ask(cast.aoki.actor, Document, "D-0001", {"version": "1.2"})
    approve.approve(cast.sakura.actor, first.key)
    with pytest.raises(SubjectChanged, match=r"version 1 then, 2 now"):
        approve.approve(cast.sakura.actor, second.key)
    assert Document.objects.get().version == "1.1"
    assert approve.send_back(cast.sakura.actor, second.key, "先の改定を反映してください").step == "sent_back"


def test_what_was_read_at_an_older_version_is_not_asked_for(cast):
    approve.approve(cast.sakura.actor, asked(cast).key)
    with pytest.raises(Conflict):
        approve.ask(cast.mori.actor, Document, "D-0001", {"version": "2"}, expected_ver=0)
    assert (
        approve.ask(cast.mori.actor, Document, "D-0001", {"version": "2"}, expected_ver=1).step == "submitted"
    )


def test_two_new_records_that_wait_have_two_keys(cast):
    first, second = asked(cast), asked(cast, OTHER | {"title": "別の手順"})
    assert (first.subject, second.subject) == ("document:D-0001", "document:D-0002")
    approve.approve(cast.sakura.actor, second.key)
    approve.approve(cast.sakura.actor, first.key)
    assert Document.objects.count() == 2
    assert asked(cast, OTHER | {"title": "三つ目"}).subject == "document:D-0003"


def test_an_unknown_approval_is_not_found(cast):
    with pytest.raises(NotFound):
        approve.approve(cast.sakura.actor, "AP-9999")


# --- values and dates


def test_what_is_wrong_is_refused_when_it_is_asked_for(cast):
    with pytest.raises(Invalid) as refusal:
        asked(cast, {"kind": "other", "title": "無題"})
    assert set(refusal.value.problems) == {"version"}
    with pytest.raises(Invalid) as refusal:
        asked(cast, OTHER | {"colour": "red"})
    assert set(refusal.value.problems) == {"colour"}
    assert not Approval.objects.exists()


def test_what_became_wrong_is_refused_when_it_is_approved(cast):
    values = {"person": cast.nishi.key, "role": "risk_manager", "since_on": date(2026, 11, 1)}
    approval = approve.ask(cast.mori.actor, Appointment, None, values)
    give(cast.nishi, "risk_manager", since_on=date(2026, 10, 15))
    with pytest.raises(Invalid) as refusal:
        approve.approve(cast.sakura.actor, approval.key)
    assert set(refusal.value.problems) == {"since_on"}
    assert Approval.objects.get().step == "submitted"


def test_a_change_of_nothing_is_refused(cast):
    approve.approve(cast.sakura.actor, asked(cast).key)
    with pytest.raises(Invalid):
        asked(cast, OTHER, "D-0001")


def test_a_policy_in_force_before_its_approval_is_refused_when_submitted_and_when_approved(cast):
    yesterday = POLICY | {"in_force_on": TODAY - timedelta(days=1)}
    with pytest.raises(Invalid) as refusal:
        asked(cast, yesterday)
    assert "2026-09-30" in refusal.value.problems["in_force_on"][0].en
    draft = approve.ask(cast.mori.actor, Document, None, yesterday, draft=True)
    with pytest.raises(Invalid):
        approve.submit(cast.mori.actor, draft.key)
    approval = asked(cast, POLICY | {"in_force_on": TODAY})
    with clock.standing_at(NOON + timedelta(days=1)), pytest.raises(Invalid) as refusal:
        approve.approve(cast.kamiya.actor, approval.key)
    assert set(refusal.value.problems) == {"in_force_on"}
    assert approve.approve(cast.kamiya.actor, approval.key).step == "approved"


def test_a_policy_that_is_in_force_may_be_ended(cast):
    """Its coming into force is long past; only a new day of coming into force must not be."""
    with act("load", OPERATOR.by) as doing:
        doing.put(Document, "D-0001", POLICY | {"in_force_on": date(2025, 4, 1)})
    approval = asked(cast, {"until_on": date(2026, 10, 31)}, "D-0001")
    approve.approve(cast.kamiya.actor, approval.key)
    assert Document.objects.get().until_on == date(2026, 10, 31)
    with pytest.raises(Invalid):
        asked(cast, {"in_force_on": date(2025, 4, 2)}, "D-0001")


def test_a_change_is_in_force_from_the_day_it_names_else_from_its_decision(cast):
    approval = asked(cast)
    assert approve.in_force_on(approval) is None
    assert approve.in_force_on(approve.approve(cast.sakura.actor, approval.key)) == date(2026, 11, 1)
    undated = asked(cast, {k: v for k, v in OTHER.items() if k != "in_force_on"} | {"title": "日付なし"})
    assert approve.in_force_on(approve.approve(cast.sakura.actor, undated.key)) == TODAY


def test_an_exception_from_a_day_on_is_in_force_from_that_day(cast):
    values = {
        "clause": "7-1", "kind": "exception", "reason": "組織改編中", "from_on": date(2026, 10, 5),
        "until_on": date(2026, 12, 31),
    }  # fmt: skip
    approval = approve.ask(cast.mori.actor, GrantedException, None, values)
    assert approve.in_force_on(approve.approve(cast.sakura.actor, approval.key)) == date(2026, 10, 5)


def test_what_needs_no_approval_is_not_asked_for(cast):
    system = {"name": "掲示板", "in_scope": True, "operated_by": "own", "in_use_since_on": TODAY}
    with pytest.raises(NoApprovalNeeded):
        approve.ask(cast.mori.actor, System, None, system)
    out = system | {"in_scope": False, "out_of_scope_reason": "社内行事用"}
    assert approve.ask(cast.mori.actor, System, None, out).step == "submitted"


def test_an_approval_from_a_file_without_a_change_is_not_applied(cast):
    with act("load", OPERATOR.by) as doing:
        doing.put(
            Approval, "AP-0001", {"subject": "document:D-1", "step": "submitted", "asked_by": cast.mori.key}
        )
        doing.put(
            Approval,
            "AP-0002",
            {"subject": "moon:D-1", "step": "submitted", "asked_by": cast.mori.key, "change": "{}"},
        )
    for key in ("AP-0001", "AP-0002"):
        with pytest.raises(UnreadableChange):
            approve.approve(cast.sakura.actor, key)


# --- removal


def test_a_governed_record_is_removed_only_by_approval(cast):
    approve.approve(cast.sakura.actor, asked(cast).key)
    with pytest.raises(NeedsApproval):
        remove_record(cast.mori.actor, Document, "D-0001")
    with pytest.raises(Invalid):
        approve.ask_removal(cast.mori.actor, Document, "D-0001", " ")
    approval = approve.ask_removal(cast.mori.actor, Document, "D-0001", "誤登録")
    assert json.loads(approval.change) == {"op": "remove", "seen_ver": 1, "values": None}
    assert Document.objects.exists()
    approve.approve(cast.kamiya.actor, approval.key)
    assert not Document.objects.exists()
    assert Approval.objects.get(pk=approval.key).subject_ver == 2
    assert verify_all().ok


def test_a_removal_takes_the_approver_that_the_record_takes(cast):
    approve.approve(cast.kamiya.actor, asked(cast, POLICY).key)
    approval = approve.ask_removal(cast.mori.actor, Document, "D-0001", "誤登録")
    with pytest.raises(Refused):
        approve.approve(cast.sakura.actor, approval.key)


def test_what_others_refer_to_is_not_removed(cast):
    approve.approve(cast.sakura.actor, asked(cast, POLICY | {"kind": "other"}).key)
    with act("load", OPERATOR.by) as doing:
        from sekisho.records.models import Goal

        doing.put(Goal, "G-1", {"fiscal_year": 2026, "text": "目標", "linked_plan": "D-0001"})
    with pytest.raises(Invalid, match="goal:G-1"):
        approve.ask_removal(cast.mori.actor, Document, "D-0001", "誤登録")


# --- no way round


def test_governed_values_are_not_saved_without_approval(cast):
    with pytest.raises(NeedsApproval):
        save_record(cast.mori.actor, Document, None, OTHER)


def test_nobody_writes_an_approval_by_hand(cast):
    forged = {
        "subject": "document:D-0001", "step": "approved", "asked_by": cast.nishi.key, "decided_by": cast.kamiya.key,
        "decision": "approved", "at": NOON,
    }  # fmt: skip
    approve.approve(cast.sakura.actor, asked(cast).key)
    for who in (cast.mori, cast.sakura, cast.kitagawa):
        with pytest.raises(Refused):
            save_record(who.actor, Approval, None, forged)
        with pytest.raises(Refused):
            save_record(who.actor, Approval, "AP-0001", {"decided_by": cast.kamiya.key})
        with pytest.raises(Refused):
            remove_record(who.actor, Approval, "AP-0001")


def test_no_governed_kind_has_a_personal_field():
    """What is asked for stands in the approval, where nothing is erased."""
    sample = [{"in_scope": False}, {"in_scope": True}, {}]
    governed = [m for m in KINDS if any(m.about.approvers(v) for v in sample)]
    assert Document in governed
    assert not [f.name for m in governed for f in m.kind_fields().values() if f.personal]

"""Take a file of records: read, plan, show, and only then take, all of it or on purpose its good rows.

    plan = plan_import(actor, read_path(path))
    if plan.is_good:
        take(plan, actor)

A sheet's columns replace the fields that they name; fields without a column stay. An empty cell empties its field, an
empty key gets the next free one. Records that the file does not hold are left alone. One transaction; a line in the
ledger for each record, and one for the file.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Max

from sekisho.access.rights import Actor, may_write, require_write, role_names
from sekisho.kernel.errors import Conflict, SekishoError
from sekisho.kernel.texts import Text
from sekisho.ledger.models import Version
from sekisho.records.contents import KINDS
from sekisho.records.record import Record
from sekisho.workflows.act import Act, act
from sekisho.workflows.import_among import problems_among_rows
from sekisho.workflows.import_columns import ASIDE, Columns, columns_of, missing_columns, model_of
from sekisho.workflows.import_errors import Problem
from sekisho.workflows.import_plan import Action, ImportPlan, PlannedRow
from sekisho.workflows.import_references import refused_on_bad, resolve
from sekisho.workflows.import_register import Registers
from sekisho.workflows.import_rows import give_keys, judge_alone, lay_over_standing, rows_of_table
from sekisho.workflows.import_tables import Source, Table


class NotAllGood(SekishoError):
    """Some rows are bad, and taking the good ones was not asked for. Data: plan."""

    code = "import.not_all_good"
    status = 422
    text = Text(
        "{bad} 件の誤りがあるため、何も取り込みませんでした。"
        "誤りを直すか、正しい行だけを取り込むよう指定してください。",
        "Nothing was taken: there are {bad} mistakes. Mend them, or ask on purpose for the good rows alone.",
    )


class ChangedSincePlan(Conflict):
    """Records that the plan rests on were written after it was made."""

    code = "import.changed_since_plan"
    text = Text(
        "確認の後に記録が変更されました。もう一度ファイルを読み込み、内容を確認してください。",
        "Records changed after the preview. Read the file again and look at what it would do.",
    )


@dataclass(frozen=True)
class Taken:
    """What was taken: numbers of records made and changed, of rows that were as they stood, and of those left out."""

    act: str | None
    created: int
    changed: int
    unchanged: int
    left_out: int


_UNKNOWN_SHEET = Text(
    "「{name}」は記録の種類ではありません。シート名（CSV はファイル名）"
    "を種類の名前にしてください（sekisho kinds で確認できます）。",
    "'{name}' is no kind of record. Name the sheet (a CSV file) for its kind (`sekisho kinds` lists them).",
)
_MAY_NOT = Text(
    "「{kind}」に書き込む権限がありません（必要な役割: {roles}）。このシートを外してください。",
    "You may not write the register '{kind}' (it takes: {roles}). Leave this sheet out.",
)
_MISSING = Text(
    "必須の列（{names}）がありません。新しい記録を登録するには、1 行目に列を加えて入力してください。",
    "The needed columns {names} are missing. To register new records, add them to row 1 and fill them in.",
)
_NEEDS_APPROVAL = Text(
    "この変更には承認が必要です（承認者: {roles}）。この行を外し、画面から申請してください。",
    "This change takes approval (by: {roles}). Leave the row out and submit the change on its page.",
)
_APPROVALS_ARE_ACTS = Text(
    "承認の記録は画面での承認によってのみ作成されます。この行を外してください。",
    "Approvals are kept only by approving on the page. Leave this row out.",
)


# --- plan -----------------------------------------------------------------------------------------------------------


def plan_import(actor: Actor, source: Source) -> ImportPlan:
    """What taking the source would do. Writes nothing."""
    mark = _mark()
    registers = Registers()
    problems: list[Problem] = []
    rows: list[PlannedRow] = []
    sheets: list[tuple[Table, list[str], list[PlannedRow]]] = []
    for table in source.tables:
        if (read := _read(actor, table, problems)) is not None:
            model, columns = read
            found = rows_of_table(model, table, columns)
            rows += found
            sheets.append((table, missing_columns(model, columns), found))
    give_keys(rows)
    lay_over_standing(rows, registers)
    registers.take_in(row for row in rows if row.key)
    resolve(rows, registers)
    for table, missing, found in sheets:
        for row in found:
            judge_alone(row, missing)
        if missing and any(row.before is None for row in found):
            text = _MISSING.format(names=", ".join(missing))
            problems.append(Problem("missing_column", text, table.sheet, table.rows[0][0]))
    if not actor.operator:
        _refuse_governed(rows)
    _judge_together(rows, registers)
    kinds = registers.read | {row.kind for row in rows}
    return ImportPlan(source.name, source.sha256, rows, problems, mark, frozenset(kinds))


def _read(actor: Actor, table: Table, problems: list[Problem]) -> tuple[type[Record], Columns] | None:
    """The table's kind and columns; None, and a problem, where its rows cannot be read at all."""
    if not table.rows or table.sheet.startswith(ASIDE):
        return None
    model = model_of(table.sheet)
    if model is None:
        problems.append(Problem("unknown_sheet", _UNKNOWN_SHEET.format(name=table.sheet), table.sheet))
        return None
    if not may_write(actor, model):
        text = _MAY_NOT.format(kind=model.about.label, roles=role_names(model.about.writers))
        problems.append(Problem("not_allowed", text, table.sheet))
        return None
    columns = columns_of(model, table)
    problems += columns.problems
    return (model, columns) if "key" in columns.fields else None


def _refuse_governed(rows: list[PlannedRow]) -> None:
    for row in rows:
        if row.action not in ("create", "change"):
            continue
        if row.kind == "approval":
            row.add("needs_approval", _APPROVALS_ARE_ACTS)
        elif roles := row.model.about.approvers(row.values):
            row.add("needs_approval", _NEEDS_APPROVAL.format(roles=role_names(roles)))


def _judge_together(rows: list[PlannedRow], registers: Registers) -> None:
    """Judge the good rows beside one another and what stands, again without those found bad, until none is."""
    good = [row for row in rows if not row.problems]
    told: set[int] = {id(row) for row in good}
    while True:
        bad = {(r.kind, r.key): r for r in rows if r.key and r.before is None and id(r) not in told}
        while dropped := refused_on_bad([r for r in good if not r.problems], bad):
            bad = {(r.kind, r.key): r for r in dropped if r.before is None}
        good = [row for row in good if not row.problems]
        registers.take_in(good)
        problems_among_rows(registers)
        still = [row for row in good if not row.problems]
        told = {id(row) for row in still}
        if len(still) == len(good):
            return
        good = still


# --- take -----------------------------------------------------------------------------------------------------------


def take(plan: ImportPlan, actor: Actor, *, only_good: bool = False, reason: str = "") -> Taken:
    """Write what was planned. Raises NotAllGood, ChangedSincePlan, Refused; then nothing was written."""
    if not plan.is_good and not only_good:
        raise NotAllGood(bad=sum(1 for _ in plan.all_problems))
    counts = plan.counts
    written = [row for row in plan.rows if row.action in ("create", "change")]
    for model in {row.model for row in written}:
        require_write(actor, model)
    if not written:
        return _taken(None, counts)
    with act("load" if actor.operator else "import", actor.by, reason) as doing:
        _refuse_changed(plan)
        by_kind: dict[str, list[PlannedRow]] = defaultdict(list)
        for row in written:
            by_kind[row.kind].append(row)
        for model in KINDS:
            if mine := by_kind.get(model.about.name):
                doing.put_many(model, [(row.key, row.values) for row in mine])
        _note(doing, plan, counts)
    return _taken(doing.id, counts)


def _note(doing: Act, plan: ImportPlan, counts: dict[Action, int]) -> None:
    file = {"name": plan.name[:200], "sha256": plan.sha256}
    doing.note("act", doing.id, {"name": doing.name, "file": file, "rows": dict(counts)})


def _taken(act_id: str | None, counts: dict[Action, int]) -> Taken:
    return Taken(act_id, counts["create"], counts["change"], counts["unchanged"], counts["bad"])


# --- the state that a plan rests on -----------------------------------------------------------------------------------


def _mark() -> int:
    """The newest version's number, with no write under way that could still get an older one."""
    if connection.vendor != "postgresql":
        return _newest()  # SQLite has one writer at a time: numbers are committed in their order
    with transaction.atomic():
        _wait_for_writers("SHARE")
        return _newest()


def _newest() -> int:
    return Version.objects.aggregate(newest=Max("pk"))["newest"] or 0


def _refuse_changed(plan: ImportPlan) -> None:
    """In the act: raise where a kind that the plan read was written since. No other act writes until this one ends."""
    _wait_for_writers("SHARE ROW EXCLUSIVE")
    if Version.objects.filter(pk__gt=plan.mark, kind__in=plan.kinds_read).exists():
        raise ChangedSincePlan


def _wait_for_writers(mode: str) -> None:
    """On PostgreSQL, wait until nobody is writing versions; SQLite has one writer at a time anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {Version._meta.db_table} IN {mode} MODE")

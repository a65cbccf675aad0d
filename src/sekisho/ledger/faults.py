"""What can be wrong with a ledger, each with its place and its words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sekisho.kernel.texts import Text

MOST = 100

FAULTS: dict[str, Text] = {
    "version_changed": Text(
        "{seq} 行目（{kind}:{rec} 第{ver}版）の内容が、書き込まれた時から変わっています。",
        "Line {seq} ({kind}:{rec}, version {ver}) is no longer what was written.",
    ),
    "version_missing": Text(
        "{seq} 行目（{kind}:{rec}）の版がデータベースから消えています。",
        "The version of line {seq} ({kind}:{rec}) is gone from the database.",
    ),
    "line_missing": Text(
        "{first} 行目から {last} 行目までが消えています。", "Lines {first} to {last} are gone."
    ),
    "version_unplaced": Text(
        "{kind}:{rec} 第{ver}版に台帳の行がありません（行が消されたか、並び替え前に書き込まれた版です）。",
        "Version {ver} of {kind}:{rec} has no line: its line was removed, or the version was slipped in.",
    ),
    "version_order": Text(
        "{seq} 行目（{kind}:{rec}）は第{expected}版のはずが第{ver}版です。行が入れ替わったか、消えています。",
        "Line {seq} ({kind}:{rec}) is version {ver} where {expected} was due: lines were swapped or removed.",
    ),
    "time_back": Text(
        "{seq} 行目の時刻が前の行より前です。行が入れ替わっています。",
        "Line {seq} is earlier than the line before it: lines were swapped.",
    ),
    "label_changed": Text(
        "{seq} 行目の見出し（{kind}:{rec}）が、その版と一致しません。",
        "The labels of line {seq} ({kind}:{rec}) are not those of its version.",
    ),
    "root_differs": Text(
        "署名済みチェックポイント（{size} 行）と一致しません。変更は {after} 行目より後にあります。",
        "The tree differs from the signed checkpoint of {size} lines; what changed lies at line {after} or later.",
    ),
    "signature_bad": Text(
        "チェックポイント（{size} 行）の署名を確認できません: {why}",
        "The signature of the checkpoint of {size} lines cannot be verified: {why}",
    ),
    "tail_missing": Text(
        "{source} は {size} 行を証明していますが、台帳は {entries} 行しかありません。末尾が切り取られています。",
        "{source} attests {size} lines, but the ledger has {entries}: its tail was cut off.",
    ),
    "unsealed": Text(
        "{entries} 行のうち {covered} 行までしか署名されていません。最後のチェックポイントが消えています。",
        "Only {covered} of {entries} lines are signed: the last checkpoint is gone.",
    ),
    "node_changed": Text(
        "内部の節（段 {level}、{index} 番）が行から計算した値と一致しません。",
        "The stored node (level {level}, number {index}) is not what its lines give.",
    ),
    "head_changed": Text(
        "台帳の先頭情報（{size} 行）が実際の行（{entries} 行）と一致しません。",
        "The sequencer's head ({size} lines) is not what the lines give ({entries}).",
    ),
    "record_missing": Text(
        "{kind}:{rec} が登録簿から消えています（台帳では第{ver}版が有効です）。",
        "{kind}:{rec} is gone from its register, though the ledger has it at version {ver}.",
    ),
    "record_unknown": Text(
        "{kind}:{rec} は登録簿にありますが、台帳にありません。",
        "{kind}:{rec} stands in its register, but not in the ledger.",
    ),
    "record_differs": Text(
        "{kind}:{rec} の登録簿の値（{fields}）が台帳の第{ver}版と一致しません。",
        "The register's values of {kind}:{rec} ({fields}) are not those of version {ver} in the ledger.",
    ),
    "personal_changed": Text(
        "個人情報の値が、台帳の約定値 {commitment} と一致しません。",
        "A personal value does not open the ledger's commitment {commitment}.",
    ),
    "evidence_missing": Text(
        "証跡 {sha256} が保管庫にありません。", "Evidence {sha256} is gone from the store."
    ),
    "evidence_changed": Text(
        "証跡 {sha256} の内容が変わっています。", "Evidence {sha256} is no longer what was kept."
    ),
}


@dataclass(frozen=True)
class Fault:
    code: str
    data: dict[str, Any]

    @property
    def text(self) -> Text:
        return FAULTS[self.code].format(**self.data)


@dataclass
class Report:
    """What a verification found: how much was examined, and the first hundred faults (`total` counts all)."""

    entries: int = 0
    checkpoints: int = 0
    records: int = 0
    evidence: int = 0
    total: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return self.total == 0

    def add(self, code: str, **data: Any) -> None:
        self.total += 1
        if len(self.faults) < MOST:
            self.faults.append(Fault(code, data))

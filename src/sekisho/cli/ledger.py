"""`sekisho ledger`: verify, export, prove; the key for those who verify; placing what waits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from sekisho.cli.endings import DONE, FALLS_SHORT
from sekisho.cli.house import require_database
from sekisho.cli.language import language, say
from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text
from sekisho.ledger.append import sequence
from sekisho.ledger.export import export as write_export
from sekisho.ledger.faults import Report
from sekisho.ledger.keys import signer
from sekisho.ledger.proof import told as told_proof
from sekisho.workflows.verify import verify_all

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    help=say("台帳の検証・書き出し・証明", "Verify, export and prove the ledger"),
)

_CheckpointsOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--checkpoint",
        metavar="FILE",
        help=say(
            "手元に控えたチェックポイント（複数可）", "A checkpoint that was kept elsewhere; may be repeated"
        ),
    ),
]


class FileExists(SekishoError):
    code = "file_exists"
    text = Text(
        "{path} は既にあります。別の名前を指定するか、--force を付けてください。",
        "{path} exists. Name another file, or give --force.",
    )


@app.command(
    help=say("台帳・登録簿・証跡のすべてを検証する", "Verify every line, register and piece of evidence")
)
def verify(
    checkpoint: _CheckpointsOption = None,
    as_json: Annotated[bool, typer.Option("--json", help=say("JSON で出力", "Print JSON"))] = False,
) -> int:
    require_database()
    outside = [(str(path), path.read_text(encoding="utf-8")) for path in checkpoint or []]
    report = verify_all(outside)
    print(json.dumps(_told(report), ensure_ascii=False, indent=1) if as_json else _shown(report))
    return DONE if report.ok else FALLS_SHORT


@app.command(
    help=say("第三者が単独で検証できるファイルに書き出す", "Write a file that outsiders verify alone")
)
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="ledger.jsonl / ledger.jsonl.gz")],
    force: Annotated[bool, typer.Option("--force", help=say("上書きする", "Replace the file"))] = False,
) -> None:
    require_database()
    if file.exists() and not force:
        raise FileExists(path=file)
    size = write_export(file)
    beside = file.parent / "sekisho_verify.py"
    print(say(f"{size} 行を {file} に書き出しました。", f"{size} lines were written to {file}."))
    print(
        say(
            f"検証: python {beside} {file} --key 検証鍵（検証鍵は別の経路で渡してください: sekisho ledger key）",
            f"Verify it: python {beside} {file} --key KEY (hand the key over by another way: sekisho ledger key)",
        )
    )


@app.command(help=say("検証鍵（公開鍵）を表示する", "Print the key that verifies (it is public)"))
def key() -> None:
    print(signer().vkey)


@app.command(help=say("一行が台帳に含まれることの証明を出力する", "Prove that a line is in the ledger"))
def proof(
    seq: Annotated[int, typer.Argument(metavar="SEQ", help=say("行の番号", "The line's number"))],
) -> None:
    require_database()
    print(json.dumps(told_proof(seq), ensure_ascii=False, indent=1))


@app.command(
    "sequence", help=say("待っている行に番号を付ける（PostgreSQL）", "Place the lines that wait (PostgreSQL)")
)
def place_waiting() -> None:
    require_database()
    placed = sequence()
    print(say(f"{placed} 行に番号を付けました。", f"{placed} lines were placed."))


def _told(report: Report) -> dict[str, object]:
    return {
        "ok": report.ok,
        "entries": report.entries,
        "checkpoints": report.checkpoints,
        "records": report.records,
        "evidence": report.evidence,
        "faults_total": report.total,
        "faults": [{"code": f.code, "data": _plain(f.data), "text": f.text.as_dict()} for f in report.faults],
    }


def _plain(data: dict[str, object]) -> dict[str, object]:
    return {name: value.as_dict() if isinstance(value, Text) else value for name, value in data.items()}


def _shown(report: Report) -> str:
    figures = say(
        f"台帳 {report.entries} 行、チェックポイント {report.checkpoints} 個、"
        f"記録 {report.records} 件、証跡 {report.evidence} 件を検証しました。",
        f"Verified {report.entries} lines, {report.checkpoints} checkpoints, {report.records} records and "
        f"{report.evidence} pieces of evidence.",
    )
    if report.ok:
        return (
            figures
            + "\n"
            + say("合格: 改ざん・欠落はありません。", "PASSED: nothing was changed, nothing is missing.")
        )
    faults = [f"- {fault.text.in_(language())}" for fault in report.faults]
    more = report.total - len(faults)
    tail = [say(f"ほか {more} 件", f"and {more} more")] if more else []
    failed = say(f"不合格: {report.total} 件の問題があります。", f"FAILED: {report.total} fault(s) found.")
    return "\n".join([figures, failed, *faults, *tail])

"""The standalone verifier: a sound export passes, and whatever is done to one is found and named."""

import ast
import gzip
import itertools
import json
import re
import shutil
import string
import subprocess
import sys
import tracemalloc
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.ledger import verifier
from sekisho.ledger.canonical import canonical
from sekisho.ledger.note import Signer, checkpoint_text, generate
from sekisho.ledger.tree import leaf_hash, root_of
from sekisho.ledger.verifier import Report, Unusable, verify

KEEPER = Signer(generate("ledger.example/kanri"))
STRANGER = Signer(generate("ledger.example/kanri"))
SOURCE = Path(verifier.__file__)

Entry = tuple[dict[str, Any], bytes | None]


def entry(number: int, rec: str = "r1", ver: int = 1, op: str = "update", **changed: Any) -> Entry:
    body = canonical({"name": f"部署 {number}", "note": 'a "quoted"\nline'})
    said = {
        "act": f"01J{number:023}",
        "act_name": "register_unit",
        "at": f"2026-10-19T09:00:{number // 1000:02}.{number % 1000:03}000Z",
        "body": sha256(body).hexdigest(),
        "by": "hanako",
        "kind": "unit",
        "op": op,
        "reason": "組織改正",
        "rec": rec,
        "ver": ver,
    }
    return said | changed, body


STORY = [
    entry(0, "r1", 1, "create"),
    entry(1, "r2", 1, "create", reason='承認\n"済"'),
    entry(2, "r1", 2),
    entry(3, "r2", 2, "delete"),
    entry(4, "r3", 1, "note"),
]


def dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def row(seq: int, one: Entry) -> str:
    said, body = one
    text = canonical(said)
    shown = body if body is None else body.decode()
    return dumped({"seq": seq, "entry": text.decode(), "body": shown, "hash": leaf_hash(text).hex()})


def note(story: Sequence[Entry], size: int | None = None, signer: Signer = KEEPER) -> str:
    size = len(story) if size is None else size
    root = root_of(leaf_hash(canonical(said)) for said, _ in story[:size])
    return signer.sign(checkpoint_text(signer.name, size, root))


def export(story: Sequence[Entry], sizes: Sequence[int] = (), signer: Signer = KEEPER) -> list[str]:
    """The lines of a sound export; a checkpoint for each of `sizes` and for the whole."""
    notes = [note(story, size, signer) for size in (*sizes, len(story))]
    return [
        dumped({"format": "sekisho-ledger-1", "origin": KEEPER.name, "size": len(story)}),
        *(row(seq, one) for seq, one in enumerate(story)),
        *(dumped({"checkpoint": each}) for each in notes),
    ]


SOUND = export(STORY, [2])


class Examiner:
    """Writes what it gets to one file and has it examined."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "export.jsonl"

    def __call__(
        self, content: Sequence[str] | bytes, *outside: str, keys: Sequence[Signer] = (KEEPER,)
    ) -> Report:
        data = content if isinstance(content, bytes) else "".join(f"{line}\n" for line in content).encode()
        self.path.write_bytes(data)
        given = [(f"outside-{n}", text) for n, text in enumerate(outside)]
        return verify(str(self.path), [key.vkey for key in keys], given)

    def sound(self, content: Sequence[str] | bytes) -> bool:
        try:
            return self(content).ok
        except Unusable:
            return False


@pytest.fixture(scope="module")
def examine(tmp_path_factory: pytest.TempPathFactory) -> Examiner:
    return Examiner(tmp_path_factory.mktemp("exports"))


def codes(report: Report) -> list[str]:
    return [fault.code for fault in report.faults]


# ---------------------------------------------------------------- what is sound


def test_a_sound_export_passes(examine: Examiner) -> None:
    report = examine(SOUND, note(STORY, 2), note(STORY))
    assert report.ok, report.text("en")
    assert (report.entries, report.records, report.checkpoints, report.good) == (5, 3, 2, 5)
    assert report.text("ja").startswith("合格")
    assert "手元" not in report.text("ja")


def test_an_export_of_an_empty_ledger_passes(examine: Examiner) -> None:
    assert examine(export([])).ok


def test_a_gzipped_export_passes_whatever_its_name(examine: Examiner) -> None:
    data = "".join(f"{line}\n" for line in SOUND).encode()
    assert examine(gzip.compress(data)).ok
    assert examine(gzip.compress(data[:700]) + gzip.compress(data[700:])).ok


def test_without_an_outside_checkpoint_the_report_says_what_it_cannot_see(examine: Examiner) -> None:
    assert "a tail cut off cleanly cannot be seen" in examine(SOUND).text("en")


def test_bodies_may_be_left_out_and_are_counted(examine: Examiner) -> None:
    report = examine(export([(said, None) for said, _ in STORY]))
    assert (report.ok, report.bodies_absent) == (True, 5)
    assert "本文のない記録が 5 件" in report.text("ja")


def test_an_export_written_with_other_spacing_and_order_passes(examine: Examiner) -> None:
    odd = [json.dumps(dict(reversed(json.loads(line).items()))) for line in SOUND]
    report = examine(odd, note(STORY))
    assert report.ok, report.text("en")
    assert report.checkpoints == 2


def test_entries_may_say_more_than_is_checked(examine: Examiner) -> None:
    more = {"made_at": "2026-10-19T09:00:00.000000Z"}
    assert examine(export([(said | more, body) for said, body in STORY])).ok
    assert examine(export([(said | {"files": [{"sha256": "x"}]}, body) for said, body in STORY])).ok


def test_either_key_of_a_rotation_opens_the_checkpoints(examine: Examiner) -> None:
    text = checkpoint_text(KEEPER.name, 5, root_of(leaf_hash(canonical(said)) for said, _ in STORY))
    both = text + "\n" + KEEPER.signature_line(text) + STRANGER.signature_line(text)
    lines = [*SOUND[:-2], dumped({"checkpoint": both})]
    assert examine(lines, keys=[KEEPER]).ok
    assert examine(lines, keys=[STRANGER]).ok
    assert examine(lines, keys=[STRANGER, KEEPER]).ok


# ---------------------------------------------------------------- what is found, exhaustively


def test_every_altered_byte_is_found(examine: Examiner) -> None:
    data = "".join(f"{line}\n" for line in export(STORY[:3])).encode()
    for at in range(len(data)):
        flip = (0x01, 0x20, 0x80, 0x02, 0x55)[at % 5]
        assert not examine.sound(data[:at] + bytes([data[at] ^ flip]) + data[at + 1 :]), (at, flip)


@given(st.data())
def test_any_other_byte_anywhere_is_found(examine: Examiner, data: st.DataObject) -> None:
    sound = "".join(f"{line}\n" for line in SOUND[:-2] + SOUND[-1:]).encode()
    at = data.draw(st.integers(0, len(sound) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda byte: byte != sound[at]))
    assert not examine.sound(sound[:at] + bytes([byte]) + sound[at + 1 :])


def test_every_truncation_is_found(examine: Examiner) -> None:
    data = "".join(f"{line}\n" for line in export(STORY[:2])).encode()
    for length in range(len(data)):
        assert not examine.sound(data[:length]), length


def test_every_removed_line_is_found(examine: Examiner) -> None:
    lines = export(STORY)
    for at in range(len(lines)):
        assert not examine.sound(lines[:at] + lines[at + 1 :]), at


def test_every_repeated_row_is_found(examine: Examiner) -> None:
    for source, target in itertools.product(range(6), range(1, 8)):
        assert not examine.sound([*SOUND[:target], SOUND[source], *SOUND[target:]]), (source, target)


def test_every_swap_of_two_lines_is_found(examine: Examiner) -> None:
    for one, other in itertools.combinations(range(len(SOUND)), 2):
        lines = list(SOUND)
        lines[one], lines[other] = lines[other], lines[one]
        assert not examine.sound(lines), (one, other)


# ---------------------------------------------------------------- what is named


def test_an_altered_body_is_named_with_its_record(examine: Examiner) -> None:
    report = examine([line.replace("部署 2", "部署 9") for line in SOUND])
    (fault,) = report.faults
    assert (fault.code, fault.line, fault.seq, fault.kind, fault.rec, fault.ver) == (
        "body_hash",
        4,
        2,
        "unit",
        "r1",
        2,
    )
    assert fault.text("en").startswith("line 4, row 2, unit r1 version 2: the body")
    assert fault.text("ja").startswith("4 行, 2 番, unit r1 第 2 版: 本文")


def test_an_altered_entry_is_named_and_breaks_the_signed_root(examine: Examiner) -> None:
    lines = list(SOUND)
    lines[5] = lines[5].replace("組織改正", "組織改悪")
    assert codes(examine(lines)) == ["leaf_hash", "root"]
    assert examine(lines).good == 2


def test_an_altered_hash_is_named_but_the_entry_is_proved(examine: Examiner) -> None:
    lines = list(SOUND)
    lines[3] = lines[3][:-10] + ("0" if lines[3][-10] != "0" else "1") + lines[3][-9:]
    assert codes(examine(lines)) == ["leaf_hash"]
    assert examine(lines).good == 5


def test_an_entry_rewritten_with_its_hash_is_caught_by_the_root(examine: Examiner) -> None:
    forged = [*STORY[:3], entry(3, "r2", 2, "delete", by="taro"), STORY[4]]
    report = examine([*SOUND[:4], row(3, forged[3]), *SOUND[5:]])
    assert codes(report) == ["root"]
    assert report.faults[0].line == 8
    assert "agree up to 2" in report.faults[0].text("en")


def test_a_history_rewritten_and_signed_anew_with_another_key_is_caught(examine: Examiner) -> None:
    report = examine(export(STORY[:2], signer=STRANGER))
    assert codes(report) == ["checkpoint_bad", "unsealed"]
    assert "no signature on it is by a key that you gave" in report.text("en")


def test_a_missing_row_is_named(examine: Examiner) -> None:
    report = examine(SOUND[:3] + SOUND[4:])
    assert codes(report) == ["row_count", "rows_missing", "roots_unproved"]
    assert "the rows 2 to 2 are missing" in report.text("en")


def test_rows_in_another_order_are_named(examine: Examiner) -> None:
    report = examine([*SOUND[:2], SOUND[3], SOUND[2], *SOUND[4:]])
    assert codes(report) == ["rows_missing", "row_out_of_place", "time_back", "roots_unproved"]
    assert [(f.seq, f.line) for f in report.faults[:2]] == [(2, 3), (1, 4)]


def test_versions_rise_by_one(examine: Examiner) -> None:
    report = examine(export([STORY[0], entry(1, "r1", 3), entry(2, "r9", 2), entry(3, "r1", 3)]))
    assert [(f.code, f.rec, f.ver) for f in report.faults] == [
        ("version_order", "r1", 3),
        ("version_order", "r9", 2),
        ("version_order", "r1", 3),
    ]


def test_the_same_record_of_two_kinds_is_two_records(examine: Examiner) -> None:
    report = examine(export([STORY[0], entry(1, "r1", 1, "create", kind="system")]))
    assert (report.ok, report.records) == (True, 2)


def test_nothing_follows_a_deletion_but_to_be_created_again(examine: Examiner) -> None:
    gone = [STORY[0], entry(1, "r1", 2, "delete")]
    assert codes(examine(export([*gone, entry(2, "r1", 3)]))) == ["after_delete"]
    assert codes(examine(export([*gone, entry(2, "r1", 1, "create")]))) == ["version_order"]
    assert examine(export([*gone, entry(2, "r1", 3, "create"), entry(3, "r1", 4)])).ok


def test_time_never_goes_back_but_may_stand_still(examine: Examiner) -> None:
    assert examine(export([STORY[0], entry(0, "r2")])).ok
    report = examine(export([entry(5, "r1"), entry(4, "r2")]))
    assert [(f.code, f.seq) for f in report.faults] == [("time_back", 1)]


def test_a_signed_checkpoint_of_another_ledger_is_refused(examine: Examiner) -> None:
    text = checkpoint_text("ledger.example/other", 5, bytes(32))
    report = examine([*SOUND, dumped({"checkpoint": KEEPER.sign(text)})])
    assert "origin is ledger.example/other" in report.text("en")


def test_a_signed_checkpoint_that_the_rows_contradict_is_named_among_good_ones(examine: Examiner) -> None:
    fork = [entry(0, "x"), entry(1, "y"), *STORY[2:]]
    lines = [*SOUND[:6], *(dumped({"checkpoint": note(fork, size)}) for size in (1, 2, 3)), SOUND[-1]]
    report = examine(lines)
    assert [(f.code, f.line) for f in report.faults] == [("root", 7)]
    assert "checkpoints that disagree: 3" in report.text("en")
    assert report.good == 5


def test_checkpoints_out_of_order_or_amid_rows_are_named(examine: Examiner) -> None:
    assert codes(examine([*SOUND[:6], SOUND[7], SOUND[6]])) == ["checkpoint_order"]
    amid = examine([*SOUND[:3], SOUND[6], *SOUND[3:6], SOUND[7]])
    assert codes(amid) == ["misplaced"] * 3


def test_rows_under_no_checkpoint_are_named(examine: Examiner) -> None:
    report = examine(SOUND[:-1])
    assert codes(report) == ["unsealed"]
    assert "the largest covers 2" in report.text("en")


# ---------------------------------------------------------------- outside checkpoints


def test_a_tail_cut_off_cleanly_is_seen_only_from_outside(examine: Examiner) -> None:
    cut = export(STORY[:2])
    assert examine(cut).ok
    report = examine(cut, note(STORY, 1), note(STORY))
    (fault,) = report.faults
    assert fault.code == "tail_cut"
    assert "outside-1 attests 5 rows, but the export has only 2" in fault.text("en")
    assert "切り捨て" in fault.text("ja")


def test_a_past_rewritten_by_the_keeper_himself_is_seen_from_outside(examine: Examiner) -> None:
    other = [entry(0, "r1", 1, "create", by="taro"), *STORY[1:]]
    assert examine(export(other)).ok
    report = examine(export(other), note(STORY, 1), note(STORY))
    assert codes(report) == ["outside_root", "outside_root"]
    assert "rewritten" in report.text("en")


def test_an_outside_checkpoint_that_nobody_known_signed_is_no_use(examine: Examiner) -> None:
    for bad in (note(STORY, signer=STRANGER), "nonsense", note(STORY).replace("\n5\n", "\n4\n")):
        with pytest.raises(Unusable) as refused:
            examine(SOUND, bad)
        assert refused.value.said.code == "bad_outside"


def test_a_key_of_another_ledger_is_named(examine: Examiner) -> None:
    with pytest.raises(Unusable) as refused:
        examine(SOUND, keys=[Signer(generate("elsewhere"))])
    assert refused.value.said.code == "other_log"


@pytest.mark.parametrize(
    "vkey",
    ["", "a+b+c", KEEPER.vkey[:-2], KEEPER.vkey.replace("kanri", "kanrj")],
    ids=["empty", "three letters", "cut off", "renamed"],
)
def test_a_malformed_key_is_refused(examine: Examiner, vkey: str) -> None:
    with pytest.raises(Unusable) as refused:
        verify(str(examine.path), [vkey])
    assert refused.value.said.code == "bad_key"


# ---------------------------------------------------------------- hostile input


def hostile_rows() -> list[str]:
    said, body = STORY[0]
    text, shown = canonical(said).decode(), str(body, "utf-8") if body else ""
    good: dict[str, Any] = {"seq": 0, "entry": text, "body": shown, "hash": leaf_hash(text.encode()).hex()}
    wrong: list[dict[str, Any]] = [
        {"seq": "0"},
        {"seq": True},
        {"seq": -1},
        {"seq": 0.0},
        {"seq": 10**30},
        {"seq": None},
        {"entry": None},
        {"entry": []},
        {"body": {}},
        {"hash": 5},
        {"hash": good["hash"].upper()},
        {"more": 1},
        {"entry": text + " "},
        {"entry": "x" * 70000},
        {"entry": "[" * 5000},
        {"entry": "null"},
        {"entry": text.replace('"ver":1', '"ver":0')},
        {"entry": text.replace('"ver":1', '"ver":1.0')},
        {"entry": text.replace('"ver":1', '"ver":true')},
        {"entry": text.replace('"ver":1', '"ver":9007199254740992')},
        {"entry": text.replace('"ver":1', '"ver":1,"ver":1')},
        {"entry": text.replace('"op":"create"', '"op":"drop"')},
        {"entry": text.replace("2026-10-19T", "2026-10-19 ")},
        {"entry": text.replace('"by":"hanako",', "")},
        {"entry": text.replace('"by":"hanako"', '"by":NaN')},
        {"entry": text.replace("hanako", "\\u0068anako")},
        {"entry": text.replace("hanako", "\ud800")},
        {"body": "\ud800"},
    ]
    for change in wrong:
        if "entry" in change and isinstance(change["entry"], str):
            change["hash"] = leaf_hash(change["entry"].encode("utf-8", "surrogatepass")).hex()
    lines = [json.dumps(good | change) for change in wrong]
    line = dumped(good)
    return [
        *lines,
        line.replace('{"seq":0', '{"seq":0,"seq":0'),
        line.replace('"seq":0', '"seq":00'),
        line.replace('"seq":0', '"seq":' + "9" * 5000),
        line.replace('"body":"', '"body":"x","body":"'),
        line + ",",
        line.replace("部署", "部\t署"),
        line.replace("部署", "部\\署"),
        line.replace("部署", '部"署'),
        "[" * 100_000,
        '{"a":' * 100_000,
        "",
        "null",
        "\x00",
        '{"checkpoint":null}',
        '{"checkpoint":"x","more":1}',
    ]


@pytest.mark.parametrize("line", hostile_rows(), ids=lambda line: line[:30])
def test_a_hostile_line_is_a_fault_and_nothing_worse(examine: Examiner, line: str) -> None:
    data = "\n".join([export(STORY[:1])[0], line, export(STORY[:1])[2], ""]).encode("utf-8", "surrogatepass")
    report = examine(data)
    assert not report.ok
    assert report.text("ja")
    assert report.text("en")


def test_bytes_that_are_not_utf8_are_a_fault(examine: Examiner) -> None:
    data = "".join(f"{line}\n" for line in export(STORY[:1])).encode()
    for bad in (b"\xff\xfe", b"\xed\xa0\x80"):
        report = examine(data.replace("部署".encode(), bad))
        assert codes(report) == ["row_count", "bad_line", "checkpoint_beyond"]
        assert "it is not UTF-8" in report.text("en")


def test_a_line_without_end_is_cut_short(examine: Examiner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifier, "LONGEST_LINE", 4096)
    report = examine([*SOUND[:3], "x" * 10_000, *SOUND[3:]])
    assert codes(report) == ["line_too_long"]
    assert report.faults[0].line == 4


def test_an_endless_end_is_refused(examine: Examiner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifier, "LONGEST_END", 10_000)
    lines = [*SOUND, "x" * 600_000]
    for data in (lines, gzip.compress("\n".join(lines).encode())):
        with pytest.raises(Unusable):
            examine(data)


def test_damaged_gzip_is_a_fault(examine: Examiner) -> None:
    packed = gzip.compress("".join(f"{line}\n" for line in SOUND).encode())
    for bad in (
        packed[:-4],
        packed[:-8] + bytes([packed[-8] ^ 1]) + packed[-7:],
        packed + b"junk",
        packed[:400],
    ):
        assert not examine.sound(bad)
    with pytest.raises(Unusable):
        examine(packed[:12])


@pytest.mark.parametrize(
    "header",
    [
        "",
        "[]",
        "{}",
        "nonsense",
        SOUND[0].replace("ledger-1", "ledger-2"),
        SOUND[0].replace(":5", ':"5"'),
        SOUND[0].replace(":5", ":5.0"),
        SOUND[0].replace(":5", ':5,"key":"' + STRANGER.vkey + '"'),
    ],
)
def test_what_is_no_export_cannot_be_examined(examine: Examiner, header: str) -> None:
    with pytest.raises(Unusable) as refused:
        examine([header, *SOUND[1:]])
    assert refused.value.said.code == "not_an_export"


def test_a_hundred_faults_are_listed_and_all_are_counted(examine: Examiner) -> None:
    report = examine(export([entry(n, f"r{n}", 2) for n in range(300)]))
    assert (len(report.faults), report.total) == (100, 300)
    assert "ほか 200 件" in report.text("ja")


def test_control_characters_never_reach_the_screen(examine: Examiner) -> None:
    report = examine(export([entry(0, "r\x1b[2J\u202e", 2, kind="k" * 500)]))
    for shown in (report.text("ja"), report.text("en")):
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert "k" * 200 not in shown


def test_memory_does_not_grow_with_the_rows(examine: Examiner) -> None:
    peaks = []
    for rows in (1_000, 8_000):
        story = [entry(n, "r1", n + 1) for n in range(rows)]
        content = "".join(f"{line}\n" for line in export(story)).encode()
        examine.path.write_bytes(content)
        tracemalloc.start()
        assert verify(str(examine.path), [KEEPER.vkey]).ok
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 700_000  # 4 MB more on disk


# ---------------------------------------------------------------- its two ways of reading


WORDS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('"\\\n\x1f/é関'), max_size=8)
PLAIN = st.text(string.ascii_letters + "関所 -/.é", max_size=8)


@given(WORDS, WORDS, st.booleans(), st.none() | WORDS)
def test_both_ways_of_reading_a_row_agree(rec: str, reason: str, made: bool, body: str | None) -> None:
    more: dict[str, Any] = {"made_at": "2026-10-19T09:00:00.000000Z"} if made else {}
    said, _ = entry(0, rec, reason=reason, **more)
    line = (row(7, (said, None if body is None else canonical([body]))) + "\n").encode()
    slow = verifier._any_row(line)
    assert not isinstance(slow[4], verifier.Said)
    assert verifier._usual_row(line) in (None, slow)


@given(PLAIN, WORDS, st.booleans(), st.none() | WORDS)
def test_an_ordinary_row_is_read_the_fast_way(rec: str, reason: str, made: bool, body: str | None) -> None:
    more: dict[str, Any] = {"made_at": "2026-10-19T09:00:00.000000Z"} if made else {}
    said, _ = entry(0, rec, reason=reason, **more)
    line = (row(7, (said, None if body is None else canonical([body]))) + "\n").encode()
    assert verifier._usual_row(line) == verifier._any_row(line)


@given(st.data())
def test_the_fast_way_accepts_nothing_that_the_other_refuses(data: st.DataObject) -> None:
    line = bytearray((row(7, entry(0, reason='"\\\n')) + "\n").encode())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(line)))
        cut = data.draw(st.integers(0, 2))
        line[at : at + cut] = data.draw(
            st.sampled_from([b"", b'"', b"\\", b'\\"', b"\n", b",", b"0", b"\xff", b"\t"])
        )
    fast = verifier._usual_row(bytes(line))
    if fast is not None:
        assert fast == verifier._any_row(bytes(line))


# ---------------------------------------------------------------- the file itself


def test_it_stands_alone() -> None:
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    roots = {name.partition(".")[0] for name in names}
    assert roots - sys.stdlib_module_names == {"cryptography"}


def test_every_message_is_in_both_languages_with_the_same_data() -> None:
    def fields(words: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(words) if name}

    for code, (ja, en) in verifier.MESSAGES.items():
        assert fields(ja) == fields(en), code
    used = set(re.findall(r'(?:_say|_Wrong|Unusable|add|_row_fault)\(\s*"(\w+)"', SOURCE.read_text("utf-8")))
    used |= {"not_a_note"}
    assert used <= set(verifier.MESSAGES)


class Command:
    """The file copied beside an export, run as a program that cannot see Sekisho."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copy(SOURCE, folder / "sekisho_verify.py")
        (folder / "export.jsonl").write_text("".join(f"{line}\n" for line in SOUND), encoding="utf-8")
        (folder / "kept.txt").write_text(note(STORY), encoding="utf-8")

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        program = [sys.executable, "-I", "-X", "utf8", "sekisho_verify.py", *arguments]
        return subprocess.run(program, cwd=self.folder, capture_output=True, encoding="utf-8", check=False)


@pytest.fixture
def command(tmp_path: Path) -> Command:
    return Command(tmp_path)


def test_the_command_says_that_a_sound_export_is_sound(command: Command) -> None:
    done = command("export.jsonl", "--key", KEEPER.vkey, "--checkpoint", "kept.txt")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("合格")
    told = json.loads(command("export.jsonl", "--key", KEEPER.vkey, "--json", "--lang", "en").stdout)
    assert told["ok"] is True
    assert told["good"] == told["entries"] == 5


def test_the_command_names_faults(command: Command) -> None:
    path = command.folder / "export.jsonl"
    path.write_text(path.read_text("utf-8").replace("部署 3", "部署 4"), encoding="utf-8")
    done = command("export.jsonl", "--key", KEEPER.vkey, "--lang", "en")
    assert done.returncode == 1
    assert "line 5, row 3, unit r2 version 2: the body" in done.stdout
    told = json.loads(command("export.jsonl", "--key", KEEPER.vkey, "--json").stdout)
    assert told["faults"][0] | {"text": ""} == {
        "code": "body_hash", "line": 5, "seq": 3, "kind": "unit", "rec": "r2", "ver": 2, "text": ""
    }  # fmt: skip


def test_the_command_says_what_it_cannot_examine(command: Command) -> None:
    for arguments in (
        ("nowhere.jsonl", "--key", KEEPER.vkey),
        (".", "--key", KEEPER.vkey),
        ("kept.txt", "--key", KEEPER.vkey),
        ("export.jsonl", "--key", "nonsense"),
        ("export.jsonl", "--key", KEEPER.vkey, "--checkpoint", "nowhere.txt"),
        ("export.jsonl", "--key", KEEPER.vkey, "--checkpoint", "export.jsonl"),
        ("export.jsonl",),
    ):
        done = command(*arguments)
        assert (done.returncode, done.stdout) == (2, ""), arguments
        assert "Traceback" not in done.stderr
    assert json.loads(command("nowhere", "--key", KEEPER.vkey, "--json").stderr)["unusable"] == "unreadable"

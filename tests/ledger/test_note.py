"""Signed notes and checkpoints, held against the examples of their specifications."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.ledger.note import (
    BadKey,
    BadSignature,
    MalformedCheckpoint,
    MalformedNote,
    NoteError,
    Signer,
    UnknownSigner,
    Verifier,
    checkpoint_text,
    generate,
    open_note,
    parse_checkpoint,
    sign_note,
)

# The example in the documentation of golang.org/x/mod/sumdb/note.
PETER_SKEY = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PETER_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_TEXT = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
)
PETER_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcE"
    "lZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
ENOCH_LINE = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCO"
    "Xm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
)
# The example in https://c2sp.org/tlog-checkpoint.
BEHIND_THE_SOFA = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

LEDGER = Signer(generate("ledger.example/kanri"))
TEXT = checkpoint_text("ledger.example/kanri", 3, bytes(32))


def test_the_example_of_the_go_package_is_signed_alike() -> None:
    signer = Signer(PETER_SKEY)
    assert signer.vkey == PETER_VKEY
    assert signer.sign(PETER_TEXT) == PETER_TEXT + "\n" + PETER_LINE  # Ed25519 is deterministic


def test_the_example_of_the_go_package_is_opened() -> None:
    assert open_note(PETER_TEXT + "\n" + PETER_LINE, [Verifier(PETER_VKEY)]) == PETER_TEXT
    assert open_note(PETER_TEXT + "\n" + PETER_LINE + ENOCH_LINE, [Verifier(PETER_VKEY)]) == PETER_TEXT


def test_a_key_is_made_kept_and_used(tmp_path: Path) -> None:
    path = tmp_path / "ledger.key"
    path.write_text(generate("ledger.example/kanri") + "\n")
    signer = Signer.from_file(path)
    assert open_note(signer.sign("関所\n"), [Verifier(signer.vkey)]) == "関所\n"
    assert Signer(path.read_bytes()).vkey == signer.vkey


def test_a_signer_never_shows_its_key() -> None:
    secret = PETER_SKEY.rpartition("+")[2]
    assert secret not in repr(Signer(PETER_SKEY))
    with pytest.raises(BadKey) as refused:
        Signer(PETER_SKEY.replace("c74f20a3", "c74f20a4"))
    assert secret not in str(refused.value) + repr(refused.value.data)


def test_two_signatures_while_a_key_is_rotated() -> None:
    new = Signer(generate("ledger.example/kanri"))
    note = sign_note(TEXT, [LEDGER, new])
    for keys in ([LEDGER.vkey], [new.vkey], [LEDGER.vkey, new.vkey]):
        assert open_note(note, [Verifier(key) for key in keys]) == TEXT


def test_a_note_that_nobody_known_signed_is_refused() -> None:
    with pytest.raises(UnknownSigner) as refused:
        open_note(LEDGER.sign(TEXT), [Verifier(PETER_VKEY)])
    assert "ledger.example/kanri" in refused.value.text.ja
    with pytest.raises(UnknownSigner):
        open_note(LEDGER.sign(TEXT), [])


def test_a_wrong_signature_by_a_known_key_spoils_the_note() -> None:
    other = Signer(generate("other"))
    forged = LEDGER.sign(TEXT).replace("\n3\n", "\n4\n") + other.signature_line(
        TEXT.replace("\n3\n", "\n4\n")
    )
    with pytest.raises(BadSignature):
        open_note(forged, [Verifier(other.vkey), Verifier(LEDGER.vkey)])


@given(st.data())
def test_no_altered_character_survives(data: st.DataObject) -> None:
    note = LEDGER.sign(TEXT)
    at = data.draw(st.integers(0, len(note) - 1))
    new = data.draw(st.characters().filter(lambda c: c != note[at]))
    with pytest.raises(NoteError):
        parse_checkpoint(open_note(note[:at] + new + note[at + 1 :], [Verifier(LEDGER.vkey)]))


@given(st.data())
def test_no_cut_note_survives(data: st.DataObject) -> None:
    note = LEDGER.sign(TEXT)
    with pytest.raises(NoteError):
        open_note(note[: data.draw(st.integers(0, len(note) - 1))], [Verifier(LEDGER.vkey)])


@pytest.mark.parametrize(
    "note",
    [
        "",
        "text\n",
        "text\n\n",
        "text\n" + PETER_LINE,
        "text\n\n" + PETER_LINE.rstrip("\n"),
        "text\n\n" + PETER_LINE.replace("—", "-"),
        "text\n\n" + PETER_LINE + "\n",
        "text\r\n\n" + PETER_LINE,
        "te\0xt\n\n" + PETER_LINE,
        "\ud800\n\n" + PETER_LINE,
        "text\n\n— Peter AAAA\n",
        "text\n\n— Pe+ter AAAAAAAA\n",
        "text\n\n—  AAAAAAAA\n",
        "text\n\n— Peter AAAAAAA\n",
        "text\n\n— Peter AAAAAAB=\n",
        "text\n\n" + PETER_LINE * 101,
        "text" * (1 << 19) + "\n\n" + PETER_LINE,
    ],
)
def test_malformed_notes_are_refused(note: str) -> None:
    with pytest.raises(MalformedNote):
        open_note(note, [Verifier(PETER_VKEY)])


@pytest.mark.parametrize("text", ["", "no newline", "a\tb\n", "\ud800\n"])
def test_only_a_proper_text_is_signed(text: str) -> None:
    with pytest.raises(MalformedNote):
        LEDGER.sign(text)


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "PeterNeumann",
        PETER_SKEY,
        PETER_VKEY.replace("c74f20a3", "C74F20A3"),
        PETER_VKEY.replace("c74f20a3", "c74f20a4"),
        PETER_VKEY.replace("PeterNeumann", "PaulNeumann"),
        PETER_VKEY.replace("PeterNeumann", "Peter Neumann"),
        PETER_VKEY[:-4],
        PETER_VKEY + "====",
        "PeterNeumann+c74f20a3+AhpcAAAA",
    ],
)
def test_malformed_keys_are_refused(vkey: str) -> None:
    with pytest.raises(BadKey):
        Verifier(vkey)
    with pytest.raises(BadKey):
        Signer("PRIVATE+KEY+" + vkey)
    with pytest.raises(BadKey):
        Signer(vkey if vkey != PETER_SKEY else "")


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb", "a\u3000b", "\ud800"])
def test_names_have_no_spaces_and_no_plus(name: str) -> None:
    with pytest.raises(BadKey):
        generate(name)
    with pytest.raises(MalformedCheckpoint):
        checkpoint_text(name, 0, bytes(32))


def test_two_keys_with_one_identifier_are_refused() -> None:
    twin = Verifier(PETER_VKEY)
    twin.vkey = "another"
    with pytest.raises(BadKey):
        open_note(PETER_TEXT + "\n" + PETER_LINE, [Verifier(PETER_VKEY), twin])
    same = [Verifier(PETER_VKEY), Verifier(PETER_VKEY)]
    assert open_note(PETER_TEXT + "\n" + PETER_LINE, same) == PETER_TEXT


def test_the_example_of_the_checkpoint_specification() -> None:
    origin, size, root = parse_checkpoint(BEHIND_THE_SOFA)
    assert (origin, size) == ("example.com/behind-the-sofa", 20852163)
    assert checkpoint_text(origin, size, root) == BEHIND_THE_SOFA


@given(st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_is_read_as_it_was_written(size: int, root: bytes) -> None:
    assert parse_checkpoint(checkpoint_text("o", size, root)) == ("o", size, root)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "o\n1\n",
        BEHIND_THE_SOFA[:-1],
        BEHIND_THE_SOFA + "extension\n",
        BEHIND_THE_SOFA + "\n",
        BEHIND_THE_SOFA.replace("20852163", "020852163"),
        BEHIND_THE_SOFA.replace("20852163", "-1"),
        BEHIND_THE_SOFA.replace("20852163", "２"),
        BEHIND_THE_SOFA.replace("20852163", "9223372036854775808"),
        BEHIND_THE_SOFA.replace("example.com/behind-the-sofa", ""),
        BEHIND_THE_SOFA.replace("q2I=", "q2J="),
        BEHIND_THE_SOFA.replace("CsUY", ""),
    ],
)
def test_malformed_checkpoints_are_refused(text: str) -> None:
    with pytest.raises(MalformedCheckpoint):
        parse_checkpoint(text)


@pytest.mark.parametrize(("size", "root"), [(-1, bytes(32)), (2**63, bytes(32)), (1, bytes(31))])
def test_no_checkpoint_is_made_of_what_no_tree_has(size: int, root: bytes) -> None:
    with pytest.raises(MalformedCheckpoint):
        checkpoint_text("o", size, root)

"""The ledger by the API: what it gives can be verified without us."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from sekisho.ledger.models import Leaf
from sekisho.ledger.note import Verifier, open_note, parse_checkpoint
from sekisho.ledger.tree import leaf_hash, verify_inclusion
from tests.api.calling import Caller, service, token_of


@pytest.fixture
def nishi(cast: Any) -> Caller:
    return token_of(cast.nishi)


def test_the_checkpoint_is_signed_and_tells_size_and_root(nishi: Caller):
    told = nishi.get("ledger/checkpoint").json
    _, size, root = parse_checkpoint(open_note(told["note"], [Verifier(told["verifier_key"])]))
    assert (size, root.hex()) == (told["size"], told["root"])
    assert size == Leaf.objects.count()


def test_every_line_is_proved_to_be_in_the_tree(nishi: Caller):
    checkpoint = nishi.get("ledger/checkpoint").json
    for seq in range(checkpoint["size"]):
        line = nishi.get(f"ledger/{seq}").json
        proof = line["proof"]
        hashed = leaf_hash(line["entry"].encode())
        assert hashed.hex() == line["hash"]
        path = [bytes.fromhex(h) for h in proof["path"]]
        assert verify_inclusion(hashed, seq, proof["size"], path, bytes.fromhex(proof["root"]))
        assert proof["root"] == checkpoint["root"]
        assert proof["holds"] is True
        entry = json.loads(line["entry"])
        assert entry["body"] == hashlib.sha256(line["body"].encode()).hexdigest()
        assert (entry["kind"], entry["rec"], entry["by"]) == (line["kind"], line["rec"], line["by"])


def test_a_line_shows_no_personal_value(nishi: Caller):
    seq = Leaf.objects.filter(kind="person").values_list("seq", flat=True).first()
    assert "@example.jp" not in json.dumps(nishi.get(f"ledger/{seq}").json)


@pytest.mark.parametrize("seq", ["999999", "-1", "x", "1.5", "99999999999999999999999"])
def test_what_is_no_line_is_refused(nishi: Caller, seq: str):
    assert nishi.get(f"ledger/{seq}").status in (404, 422)


def test_lines_are_for_who_may_read_their_kind(cast: Any):
    seqs = dict(Leaf.objects.values_list("kind", "seq"))
    caller = service(reads=["unit"])
    assert caller.get(f"ledger/{seqs['unit']}").status == 200
    assert caller.get(f"ledger/{seqs['person']}").code == "refused"


def test_lines_about_accounts_are_for_oversight_alone(cast: Any):
    from sekisho.workflows.act import act

    with act("open_account", "operator:test") as doing:
        doing.note("account", "x", {"login": "x"})
        doing.note("act", "y", {})
    account, other = Leaf.objects.order_by("-seq")[:2][::-1]
    assert token_of(cast.nishi).get(f"ledger/{account.seq}").code == "refused"
    assert token_of(cast.nishi).get(f"ledger/{other.seq}").status == 200
    assert token_of(cast.chiba).get(f"ledger/{account.seq}").status == 200
    assert token_of(cast.chiba, reads=["unit"]).get(f"ledger/{other.seq}").code == "refused"


def test_before_the_first_line_there_is_no_checkpoint(db: None):
    caller = service()
    assert caller.get("ledger/checkpoint").code == "not_found"
    assert caller.get("ledger/0").code == "not_found"

"""Every line can be proved against the newest checkpoint, also where stored nodes take part."""

import base64

import pytest

from sekisho.kernel.errors import NotFound
from sekisho.ledger.keys import signer
from sekisho.ledger.note import Verifier, open_note, parse_checkpoint
from sekisho.ledger.proof import told as proof_of
from sekisho.ledger.tree import leaf_hash, verify_inclusion
from sekisho.records.models import Person
from sekisho.workflows.act import act
from tests.ledger.member import BY, person, write_some

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("more", [0, 249, 260, 700])
def test_every_line_is_proved_to_stand_under_the_checkpoint(more):
    write_some()
    with act("many", BY) as doing:
        doing.put_many(Person, [(f"X-{n}", person(n)) for n in range(more)])
    total = 7 + max(more, 1)
    for seq in {0, 1, 5, total // 2, 255 % total, 256 % total, total - 1}:
        proof = proof_of(seq)
        _, size, root = parse_checkpoint(open_note(proof["checkpoint"], [Verifier(signer().vkey)]))
        path = [base64.b64decode(h) for h in proof["path"]]
        leaf = leaf_hash(proof["entry"].encode())
        assert (size, leaf.hex()) == (total, proof["hash"])
        assert verify_inclusion(leaf, seq, size, path, root)
        assert not verify_inclusion(leaf_hash(b"forged"), seq, size, path, root)


def test_a_line_that_is_not_there_is_not_proved():
    with pytest.raises(NotFound):
        proof_of(7)

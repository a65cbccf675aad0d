"""A line's proof against a signed checkpoint holds, and breaks where anything on its way was changed."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from sekisho.ledger import guards
from sekisho.ledger.append import NODE_BITS
from sekisho.ledger.models import Checkpoint, Leaf, Node
from sekisho.ledger.proof import newest_checkpoint, proof_of, subtree_root
from sekisho.ledger.tree import node_hash, root_of
from sekisho.records.contents import record_tables
from sekisho.records.models import Unit
from sekisho.workflows.act import act


def add(count: int, start: int = 0) -> None:
    from datetime import date

    with act("units", "operator:test") as doing:
        values = {"name": "部署", "function": "other", "since_on": date(2026, 1, 1)}
        doing.put_new(Unit, [(f"U-{n:04d}", values) for n in range(start, start + count)])


def proof(seq: int, checkpoint: Checkpoint | None = None) -> Any:
    newest = checkpoint or newest_checkpoint()
    assert newest is not None
    return proof_of(Leaf.objects.select_related("version").get(seq=seq), newest)


@pytest.mark.parametrize("count", [1, 2, 3, 255, 256, 257, 600])
def test_every_line_is_shown_to_be_in_the_tree(db: None, count: int) -> None:
    add(count)
    for seq in {0, count // 2, count - 1}:
        found = proof(seq)
        assert found.holds, seq
        assert found.size == count


def test_an_older_checkpoint_proves_its_own_lines(db: None) -> None:
    add(5)
    older = newest_checkpoint()
    add(300, start=5)
    assert proof(3, older).holds
    assert proof(3).holds


def test_a_subtree_is_the_same_from_stored_nodes_and_from_leaves(db: None) -> None:
    add(600)
    hashes = [bytes(h) for h in Leaf.objects.order_by("seq").values_list("hash", flat=True)]
    for level, index in [(0, 599), (3, 7), (NODE_BITS, 1), (NODE_BITS + 1, 0)]:
        first = index << level
        assert subtree_root(level, index) == root_of(hashes[first : first + (1 << level)])


def test_a_changed_neighbour_breaks_the_path_but_not_the_content(db: None) -> None:
    add(8)
    guards.remove(connection, record_tables())
    Leaf.objects.filter(seq=1).update(hash=b"x" * 32)
    found = proof(0)
    assert (found.content, found.included, found.signed, found.holds) == (True, False, True, False)


def test_a_changed_node_breaks_the_path(db: None) -> None:
    add(600)
    guards.remove(connection, record_tables())
    Node.objects.filter(level=NODE_BITS, index=0).update(hash=node_hash(b"a" * 32, b"b" * 32))
    assert not proof(599).included


def test_a_missing_neighbour_breaks_the_path(db: None) -> None:
    add(8)
    guards.remove(connection, record_tables())
    Leaf.objects.filter(seq=1).delete()
    assert not proof(0).included


def test_a_checkpoint_of_another_key_proves_nothing(db: None) -> None:
    add(3)
    newest = newest_checkpoint()
    assert newest is not None
    newest.note = newest.note.replace("\n3\n", "\n4\n")
    found = proof(0, newest)
    assert (found.signed, found.holds) == (False, False)

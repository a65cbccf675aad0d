"""The tree and its proofs, held against the definitions in RFC 9162 written out naively, and known vectors."""

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.ledger.tree import (
    EMPTY_ROOT,
    Frontier,
    HashOf,
    NotATree,
    consistency_path,
    inclusion_path,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

# The reference tree of the Certificate Transparency project's tests (its leaves, and its roots of sizes 0 to 8).
REFERENCE_LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
REFERENCE_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

SIZES = st.integers(1, 130)


def leaves(size: int) -> list[bytes]:
    return [leaf_hash(b"entry %d" % number) for number in range(size)]


def split(size: int) -> int:
    return max(1 << bits for bits in range(size.bit_length() + 1) if 1 << bits < size)


def naive_root(hashes: Sequence[bytes]) -> bytes:
    """MTH of RFC 9162 section 2.1.1, word for word."""
    if not hashes:
        return sha256().digest()
    if len(hashes) == 1:
        return hashes[0]
    k = split(len(hashes))
    return sha256(b"\x01" + naive_root(hashes[:k]) + naive_root(hashes[k:])).digest()


def naive_path(m: int, hashes: Sequence[bytes]) -> list[bytes]:
    """PATH of section 2.1.3.1."""
    if len(hashes) == 1:
        return []
    k = split(len(hashes))
    if m < k:
        return [*naive_path(m, hashes[:k]), naive_root(hashes[k:])]
    return [*naive_path(m - k, hashes[k:]), naive_root(hashes[:k])]


def naive_subproof(m: int, hashes: Sequence[bytes], known: bool) -> list[bytes]:
    """SUBPROOF of section 2.1.4.1."""
    if m == len(hashes):
        return [] if known else [naive_root(hashes)]
    k = split(len(hashes))
    if m <= k:
        return [*naive_subproof(m, hashes[:k], known), naive_root(hashes[k:])]
    return [*naive_subproof(m - k, hashes[k:], False), naive_root(hashes[:k])]


def stored(hashes: Sequence[bytes]) -> HashOf:
    """What a storage of full subtrees answers; a subtree that is not full is no question to it."""

    def hash_of(level: int, index: int) -> bytes:
        start, end = index << level, (index + 1) << level
        assert end <= len(hashes), "asked for a subtree that is not full"
        return naive_root(hashes[start:end])

    return hash_of


@pytest.mark.parametrize("size", range(9))
def test_known_roots(size: int) -> None:
    hashes = [leaf_hash(leaf) for leaf in REFERENCE_LEAVES[:size]]
    assert root_of(hashes).hex() == naive_root(hashes).hex() == REFERENCE_ROOTS[size]


def test_known_proofs() -> None:
    hashes = [leaf_hash(leaf) for leaf in REFERENCE_LEAVES]
    assert [node.hex() for node in inclusion_path(0, 8, stored(hashes))] == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]
    assert [node.hex() for node in consistency_path(6, 8, stored(hashes))] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@given(st.lists(st.integers(0, 40), max_size=8))
def test_a_frontier_grows_alike_one_by_one_and_in_lumps(lumps: list[int]) -> None:
    hashes = leaves(sum(lumps))
    single, lumped, start = Frontier(), Frontier(), 0
    for leaf in hashes:
        single.append(leaf)
    for lump in lumps:
        lumped.extend(iter(hashes[start : start + lump]))
        start += lump
        assert lumped.root() == naive_root(hashes[:start])
    assert single == lumped
    assert single.size == lumped.size == len(hashes)


@given(SIZES)
def test_a_frontier_is_stored_and_read_back(size: int) -> None:
    frontier = Frontier()
    frontier.extend(leaves(size))
    again = Frontier.from_bytes(frontier.to_bytes())
    assert again == frontier
    again.append(leaf_hash(b"next"))
    assert again != frontier
    assert again.root() == naive_root([*leaves(size), leaf_hash(b"next")])


def test_a_copy_of_a_frontier_grows_alone() -> None:
    frontier = Frontier()
    frontier.extend(leaves(5))
    copy = frontier.copy()
    copy.append(leaf_hash(b"x"))
    assert (frontier.size, copy.size) == (5, 6)
    assert frontier.root() == naive_root(leaves(5))


@pytest.mark.parametrize(
    "data", [b"", b"\0" * 7, b"\0" * 9, b"\0" * 7 + b"\x01", b"\0" * 7 + b"\x03" + b"x" * 63]
)
def test_a_damaged_frontier_is_refused(data: bytes) -> None:
    with pytest.raises(NotATree):
        Frontier.from_bytes(data)


@given(SIZES, st.data())
def test_inclusion_is_as_the_rfc_defines_it(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    hashes = leaves(size)
    path = inclusion_path(index, size, stored(hashes))
    assert path == naive_path(index, hashes)
    assert verify_inclusion(hashes[index], index, size, path, naive_root(hashes))


@given(SIZES, st.data())
def test_consistency_is_as_the_rfc_defines_it(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))
    hashes = leaves(size)
    path = consistency_path(old, size, stored(hashes))
    assert path == naive_subproof(old, hashes, True)
    assert verify_consistency(old, naive_root(hashes[:old]), size, naive_root(hashes), path)


def test_every_small_proof_holds_and_no_other_does() -> None:
    """All sizes to 17, all positions: the proof of one is the proof of no other."""
    hashes = leaves(17)
    roots = [naive_root(hashes[:size]) for size in range(18)]
    for size in range(1, 18):
        for index in range(size):
            path = inclusion_path(index, size, stored(hashes))
            holds = [
                (other, n)
                for n in range(18)
                for other in range(18)
                if verify_inclusion(hashes[index], other, n, path, roots[n])
            ]
            assert holds == [(index, size)]
        for old in range(1, size):
            path = consistency_path(old, size, stored(hashes))
            olds = [n for n in range(1, size) if verify_consistency(n, roots[n], size, roots[size], path)]
            assert olds == [old]


@given(st.integers(2, 130), st.data())
def test_no_altered_proof_holds(size: int, data: st.DataObject) -> None:
    hashes = leaves(size)
    root = naive_root(hashes)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size - 1))
    inclusion = inclusion_path(index, size, stored(hashes))
    consistency = consistency_path(old, size, stored(hashes))
    for changed in altered(inclusion, data):
        assert not verify_inclusion(hashes[index], index, size, changed, root)
    for changed in altered(consistency, data):
        assert not verify_consistency(old, naive_root(hashes[:old]), size, root, changed)
    wrong = leaf_hash(b"another")
    assert not verify_inclusion(wrong, index, size, inclusion, root)
    assert not verify_inclusion(hashes[index], index, size, inclusion, wrong)
    assert not verify_consistency(old, wrong, size, root, consistency)
    assert not verify_consistency(old, naive_root(hashes[:old]), size, wrong, consistency)


def altered(path: list[bytes], data: st.DataObject) -> list[list[bytes]]:
    at = data.draw(st.integers(0, len(path) - 1))
    flipped = bytes([path[at][0] ^ 1]) + path[at][1:]
    return [[*path[:at], flipped, *path[at + 1 :]], path[:at] + path[at + 1 :], [*path, path[at]]]


def test_the_empty_tree_begins_every_tree() -> None:
    root = naive_root(leaves(3))
    assert consistency_path(0, 3, stored(leaves(3))) == []
    assert verify_consistency(0, EMPTY_ROOT, 3, root, [])
    assert verify_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, [])
    assert verify_consistency(3, root, 3, root, [])
    assert not verify_consistency(0, root, 3, root, [])
    assert not verify_consistency(0, root, 0, root, [])
    assert not verify_consistency(3, root, 3, root, [root])
    assert not verify_consistency(0, EMPTY_ROOT, 3, root, [root])
    assert not verify_consistency(2, root, 3, root, [])


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_there_is_no_proof_for_what_is_not_in_the_tree(index: int, size: int) -> None:
    with pytest.raises(NotATree):
        inclusion_path(index, size, stored(leaves(3)))
    assert not verify_inclusion(leaves(1)[0], index, size, [], leaves(1)[0])


@pytest.mark.parametrize(("old", "size"), [(-1, 3), (4, 3)])
def test_no_tree_begins_with_a_larger_one(old: int, size: int) -> None:
    with pytest.raises(NotATree):
        consistency_path(old, size, stored(leaves(4)))
    assert not verify_consistency(old, EMPTY_ROOT, size, EMPTY_ROOT, [])


def test_leaves_and_nodes_cannot_be_confused() -> None:
    left, right = leaves(2)
    assert leaf_hash(left + right) != node_hash(left, right)

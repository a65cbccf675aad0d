"""The Merkle tree of RFC 6962 section 2 (RFC 9162 section 2.1) over SHA-256.

A log needs only its *frontier* to grow: the roots of the full subtrees that the tree of its size is made of, widest
first (their number is that of the one bits of the size). Proofs need inner nodes; whoever stores them answers
`hash_of(level, index)`, the root of the full subtree over the leaves `index * 2**level` up to, but not with,
`(index + 1) * 2**level`. Only subtrees that are full within the asked size are asked for.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Final, Self

from sekisho.kernel.errors import SekishoError
from sekisho.kernel.texts import Text

HASH_SIZE: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()
"""The root of a tree without leaves: the hash of nothing (RFC 9162 section 2.1.1)."""

_FRONTIER = Text(
    "{size} 件の木の先端は {length} バイトになりません", "{length} bytes are no frontier of {size} leaves"
)
_LEAF = Text("{size} 件の木に {index} 番はありません", "there is no leaf {index} in a tree of {size} leaves")
_BEGINNING = Text(
    "{old_size} 件の木は {size} 件の木の前半になりません",
    "a tree of {size} does not begin with one of {old_size}",
)

HashOf = Callable[[int, int], bytes]


class NotATree(SekishoError):
    """Sizes or positions that no tree has, or a stored frontier that is damaged."""

    code = "not_a_tree"
    status = 500
    text = Text("台帳の木の値が正しくありません。{why}", "These are not values of a ledger's tree: {why}")


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry; the 0x00 keeps leaves and inner nodes apart (RFC 9162 section 2.1.1)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """A tree that only grows: constant memory, no inner nodes kept. Copy it to grow a branch aside."""

    __slots__ = ("_nodes", "_size")

    def __init__(self) -> None:
        self._nodes: list[bytes] = []
        self._size = 0

    @property
    def size(self) -> int:
        """The number of leaves."""
        return self._size

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash on the right."""
        node, left = leaf, self._size
        while left & 1:
            node = node_hash(self._nodes.pop(), node)
            left >>= 1
        self._nodes.append(node)
        self._size += 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes on the right: level by level, so that the work is one tight loop for each level."""
        level = list(leaves)
        before, self._size = self._size, self._size + len(level)
        complete: list[bytes] = []  # roots of the new frontier, narrowest first
        while level:
            if before & 1:
                level.insert(0, self._nodes.pop())
            if len(level) & 1:
                complete.append(level.pop())
            pairs = iter(level)
            level = [sha256(b"\x01" + a + b).digest() for a, b in zip(pairs, pairs, strict=True)]
            before >>= 1
        self._nodes.extend(reversed(complete))

    def root(self) -> bytes:
        """The root of the tree of this size."""
        return _folded(self._nodes) if self._nodes else EMPTY_ROOT

    def copy(self) -> Self:
        other = type(self)()
        other._nodes, other._size = list(self._nodes), self._size
        return other

    def to_bytes(self) -> bytes:
        """The size in 8 bytes, big-endian, then the subtree roots, widest first."""
        return self._size.to_bytes(8, "big") + b"".join(self._nodes)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """What :meth:`to_bytes` wrote. Raises :class:`NotATree` when its length does not fit its size."""
        size = int.from_bytes(data[:8], "big")
        if len(data) != 8 + HASH_SIZE * size.bit_count():
            raise NotATree(why=_FRONTIER.format(size=size, length=len(data)))
        frontier = cls()
        frontier._size = size
        frontier._nodes = [data[i : i + HASH_SIZE] for i in range(8, len(data), HASH_SIZE)]
        return frontier

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Frontier):
            return NotImplemented
        return self._size == other._size and self._nodes == other._nodes

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return f"<Frontier of {self._size} leaves, root {self.root().hex()[:16]}>"


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """The root over leaf hashes."""
    frontier = Frontier()
    frontier.extend(leaf_hashes)
    return frontier.root()


def inclusion_path(index: int, size: int, hash_of: HashOf) -> list[bytes]:
    """The proof that leaf `index` is in the tree of `size` leaves, lowest sibling first (RFC 9162 section 2.1.3.1)."""
    if not 0 <= index < size:
        raise NotATree(why=_LEAF.format(index=index, size=size))
    path: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_range_root(middle, high, hash_of))
            high = middle
        else:
            path.append(_range_root(low, middle, hash_of))
            low = middle
    path.reverse()
    return path


def consistency_path(old_size: int, size: int, hash_of: HashOf) -> list[bytes]:
    """The proof that the tree of `old_size` is a beginning of the tree of `size` (RFC 9162 section 2.1.4.1).

    It is empty for equal sizes, and for the empty tree, which is a beginning of every tree.
    """
    if not 0 <= old_size <= size:
        raise NotATree(why=_BEGINNING.format(old_size=old_size, size=size))
    if old_size in (0, size):
        return []
    path: list[bytes] = []
    low, high = 0, size
    while high != old_size:
        middle = low + _split(high - low)
        if old_size <= middle:
            path.append(_range_root(middle, high, hash_of))
            high = middle
        else:
            path.append(_range_root(low, middle, hash_of))
            low = middle
    if low:  # else the common subtree is the old tree itself, whose root the verifier holds
        path.append(_range_root(low, high, hash_of))
    path.reverse()
    return path


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether `path` proves the leaf hash at `index` of the tree with this size and root (RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    position, last, node = index, size - 1, leaf
    for sibling in path:
        if not last:
            return False
        if position & 1 or position == last:
            node = node_hash(sibling, node)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        position, last = position >> 1, last >> 1
    return not last and node == root


def verify_consistency(old_size: int, old_root: bytes, size: int, root: bytes, path: Sequence[bytes]) -> bool:
    """Whether `path` proves that the old tree is a beginning of the new one (RFC 9162 section 2.1.4.2)."""
    if not 0 <= old_size <= size:
        return False
    if old_size == size:
        return not path and old_root == root and (size > 0 or root == EMPTY_ROOT)
    if old_size == 0:
        return not path and old_root == EMPTY_ROOT
    position, last = old_size - 1, size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    siblings = [old_root, *path] if not position else list(path)  # the old tree is itself a full subtree
    if not siblings:
        return False
    old, new = siblings[0], siblings[0]
    for sibling in siblings[1:]:
        if not last:
            return False
        if position & 1 or position == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        position, last = position >> 1, last >> 1
    return not last and old == old_root and new == root


def _split(leaves: int) -> int:
    """The largest power of two below `leaves` (RFC 9162 section 2.1.1: k < n <= 2k)."""
    return 1 << (leaves - 1).bit_length() - 1


def _range_root(low: int, high: int, hash_of: HashOf) -> bytes:
    """The root over leaves [low, high), where low is a multiple of the next power of two at or above their number."""
    roots: list[bytes] = []
    while low < high:
        level = (high - low).bit_length() - 1
        roots.append(hash_of(level, low >> level))
        low += 1 << level
    return _folded(roots)


def _folded(nodes: Sequence[bytes]) -> bytes:
    """Adjoining subtree roots, widest first, joined from the right."""
    root = nodes[-1]
    for node in reversed(nodes[:-1]):
        root = node_hash(node, root)
    return root

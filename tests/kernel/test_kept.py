"""What is kept stays under its bound, and the least recently used goes first."""

from hypothesis import given
from hypothesis import strategies as st

from sekisho.kernel.kept import Kept


def test_the_least_recently_used_goes_first():
    kept: Kept[str] = Kept(2)
    kept.put("a", "A")
    kept.put("b", "B")
    assert kept.get("a") == "A"
    kept.put("c", "C")
    assert (kept.get("a"), kept.get("b"), kept.get("c")) == ("A", None, "C")


def test_what_is_heavier_than_the_bound_is_not_kept():
    kept: Kept[str] = Kept(3, len)
    kept.put("a", "1234")
    assert kept.get("a") is None
    kept.put("a", "12")
    kept.put("a", "1234")
    assert kept.get("a") is None


def test_forgetting_leaves_nothing():
    kept: Kept[str] = Kept(3, len)
    kept.put("a", "1")
    kept.forget()
    assert len(kept) == 0


@given(st.lists(st.tuples(st.integers(0, 6), st.text(max_size=6))))
def test_the_weight_never_passes_the_bound_and_what_is_kept_is_what_was_put_last(puts):
    kept: Kept[str] = Kept(10, len)
    newest: dict[int, str] = {}
    for key, value in puts:
        kept.put(key, value)
        newest[key] = value
        held = [v for k in newest if (v := kept.get(k)) is not None]
        assert sum(map(len, held)) <= 10
        assert all(kept.get(k) in (None, v) for k, v in newest.items())

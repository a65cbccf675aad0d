"""The window over a sender's numbers knows exactly which of the last million came."""

from hypothesis import given
from hypothesis import strategies as st

from sekisho.kernel.texts import Text
from sekisho.watch.decision import Decision
from sekisho.watch.program import Action
from sekisho.watch.repeats import SIZE, Repeats, Seen, Window

ALLOW = Decision(Action.ALLOW, 0, (), (), ())
HOLD = Decision(Action.HOLD, 30, ("two",), ("large",), (Text("理由", "why"),))
NEAR = st.integers(0, 40)
NUMBERS = st.lists(
    st.one_of(NEAR, NEAR.map(lambda n: SIZE + n), NEAR.map(lambda n: 3 * SIZE + n)), max_size=30
)


@given(NUMBERS)
def test_it_answers_as_a_set_of_all_numbers_would(numbers):
    window, came, highest = Window(), set(), -1
    for number in numbers:
        wanted = Seen.REPEATED if number in came else Seen.NEW
        wanted = Seen.TOO_OLD if number <= highest - SIZE else wanted
        assert window.ask(number) is wanted
        if wanted is Seen.NEW:
            window.mark(number)
            came.add(number)
            highest = max(highest, number)


def test_a_window_that_moved_past_a_number_forgets_its_place():
    window = Window()
    window.mark(5)
    window.mark(5 + SIZE - 1)
    assert window.ask(5) is Seen.REPEATED
    window.mark(5 + SIZE)
    assert window.ask(5) is Seen.TOO_OLD
    assert window.ask(6 + SIZE) is Seen.NEW


def test_senders_are_apart():
    repeats = Repeats()
    repeats.mark("web", 7, ALLOW)
    assert repeats.ask("web", 7) is Seen.REPEATED
    assert repeats.ask("app", 7) is Seen.NEW


def test_the_newest_decisions_are_kept_and_survive_a_snapshot():
    repeats = Repeats(answers=2)
    for seq, decision in enumerate((ALLOW, HOLD, ALLOW)):
        repeats.mark("web", seq, decision)
    again = Repeats(answers=2)
    again.load(repeats.save())
    for found in (repeats, again):
        assert found.answer("web", 0) is None
        assert found.answer("web", 1) == HOLD
        assert found.answer("web", 2) == ALLOW
        assert found.ask("web", 0) is Seen.REPEATED

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dedup.match.differing import CELLS, WIDTH, lead, slots

#: Few different words, so that runs repeat; and edits of a text that has none.
repetitive = st.lists(st.integers(0, 4), max_size=60)


@st.composite
def edits(draw: st.DrawFn) -> tuple[list[int], list[int]]:
    one = list(range(100, 100 + draw(st.integers(0, 60))))
    other = list(one)
    for place in draw(st.lists(st.integers(0, 59), max_size=6)):
        at = place % (len(other) + 1)
        other[at : at + draw(st.integers(0, 3))] = draw(st.lists(st.integers(0, 9), max_size=3))
    return one, other


pairs = st.tuples(repetitive, repetitive) | edits()


@given(pairs)
def test_what_lies_between_the_slots_is_equal(pair: tuple[list[int], list[int]]) -> None:
    one, other = pair
    at = other_at = 0
    for slot in slots(one, other):
        assert slot.start < slot.stop or slot.other_start < slot.other_stop
        assert one[at : slot.start] == other[other_at : slot.other_start]
        at, other_at = slot.stop, slot.other_stop
    assert one[at:] == other[other_at:]


@given(pairs)
def test_a_slot_is_inside_only_between_two_anchors(pair: tuple[list[int], list[int]]) -> None:
    one, other = pair
    for slot in slots(one, other):
        if slot.inside:
            assert slot.start >= WIDTH
            assert len(one) - slot.stop >= WIDTH
            assert slot.other_start >= WIDTH
            assert len(other) - slot.other_stop >= WIDTH


@given(repetitive)
def test_a_text_does_not_differ_from_itself(words: list[int]) -> None:
    assert slots(words, words) == []


def test_a_head_and_a_tail_are_not_inside() -> None:
    frame = list(range(20))
    found = slots([91, *frame[:10], 92, *frame[11:], 93], [81, *frame[:10], 82, *frame[11:], 83])
    assert [(slot.start, slot.stop, slot.inside) for slot in found] == [
        (0, 1, False),
        (11, 12, True),
        (21, 22, False),
    ]


def test_the_lead_is_what_stands_before_the_first_anchor() -> None:
    tail = list(range(20))
    assert lead([*range(50, 80), *tail], [*range(80, 90), *tail]) == 10
    assert lead(tail, [*range(80, 90), *tail]) == 0
    assert lead(tail, list(range(50, 60))) == 10


def test_what_is_told_in_another_order_is_no_lead_of_its_own() -> None:
    text = list(range(100))
    extract = [*text[60:80], *text[20:50]]
    assert lead(text, extract) == 0
    assert lead([*range(200, 230), *text], [*range(300, 310), *extract]) == 10


def test_a_stretch_too_long_to_align_is_one_slot() -> None:
    side = int(CELLS**0.5) + 1
    frame = list(range(10))
    one, other = [*frame, *range(100, 100 + side), 7, *frame], [*frame, *range(300, 300 + side), 8, *frame]
    assert len(slots(one, other)) == 1


def test_a_hostile_pair_ends() -> None:
    assert len(slots([1] * 100_000, [1] * 99_999)) == 1
    assert len(slots([1] * 100_000, [1, 2] * 50_000)) == 1

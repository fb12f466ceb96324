"""What every back end of an index must do, whatever it stores things in.

A back end's test file inherits :class:`IndexContract` and gives it the fixture `places`. Every index is set up before
it is used, as :func:`dedup.open_index` does.
"""

# One class that is inherited as a whole: more than 400 lines.

from __future__ import annotations

import threading
from contextlib import closing
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from dedup.index.base import Change
from tests.index_machine import IndexMachine
from tests.index_places import (
    TURNS,
    add_until_done,
    array,
    drop,
    entry,
    fill,
    hashed,
    lists,
    posted,
    state,
    work,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dedup.index.base import Found, Index
    from tests.index_places import Place

MANIFEST = {"scheme": "affine32", "bands": 46, "threshold": 0.4, "nested": {"name": "né"}}
CONTEXT = b"\x00learnt\xff"
NAN = float("nan")
WORKERS = 4


class IndexContract:
    """Tests of one back end; what inherits it has a fixture `places` that makes places."""

    @pytest.fixture
    def place(self, places: Callable[[], Place]) -> Place:
        return places()

    @pytest.fixture
    def index(self, place: Place) -> Iterator[Index]:
        with closing(place.open()) as index:
            index.setup(MANIFEST, CONTEXT)
            yield index

    # Setting up

    def test_a_new_index_has_nothing_stored(self, place: Place) -> None:
        with closing(place.open()) as index:
            assert index.stored() is None

    def test_who_sets_up_first_is_obeyed(self, place: Place) -> None:
        with closing(place.open()) as index:
            assert index.setup(MANIFEST, CONTEXT) == (MANIFEST, CONTEXT)
            assert index.setup({"other": 1}, b"") == (MANIFEST, CONTEXT)
            assert index.stored() == (MANIFEST, CONTEXT)

    def test_what_was_set_up_is_replaced_until_a_number_is_reserved(self, place: Place) -> None:
        with closing(place.open()) as index:
            first = index.setup(MANIFEST, CONTEXT)
            second = {"other": 1}, b""
            assert index.setup(*second, instead_of=({"third": 1}, b"")) == first
            assert index.setup(*second, instead_of=first) == second
            assert index.setup(MANIFEST, CONTEXT, instead_of=first) == second
            assert index.stored() == second
            with index.turn(write=True):
                index.reserve(1)
            assert index.setup(MANIFEST, CONTEXT, instead_of=second) == second
            assert index.stored() == second

    def test_one_of_several_replaces(self, place: Place) -> None:
        with closing(place.open()) as index:
            first = index.setup(MANIFEST, CONTEXT)
            told: list[Any] = []
            threads = [
                threading.Thread(target=lambda n=n: told.append(index.setup({"n": n}, b"", instead_of=first)))
                for n in range(4)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert told == [told[0]] * 4
            assert told[0] == index.stored() != first

    def test_one_of_several_sets_up(self, place: Place) -> None:
        with closing(place.open()) as index:
            told: list[Any] = []
            threads = [
                threading.Thread(target=lambda n=n: told.append(index.setup({"n": n}, b"%d" % n)))
                for n in range(4)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert told == [told[0]] * 4

    # Postings

    def test_an_empty_index_answers(self, index: Index) -> None:
        found = index.find(hashed(1, 2, 3), 10)
        assert lists(found.postings) == [[], [], []]
        assert found.postings.lengths.tolist() == [0, 0, 0]
        assert (found.entries, found.clusters) == ({}, {})
        assert (list(index.outline()), index.counts(), index.verify()) == ([], {}, [])

    def test_an_empty_question_is_answered(self, index: Index) -> None:
        fill(index, 2)
        nothing = np.empty(0, np.uint64)
        assert lists(index.postings(nothing, 5)) == []
        assert lists(index.find(nothing, 5).postings) == []
        assert index.entries(array()) == {}
        assert index.clusters(array()) == {}
        assert index.commit(Change(), index.find(nothing, 5))
        assert index.commit(Change())

    def test_numbers_stand_in_the_order_of_posting(self, index: Index) -> None:
        first = fill(index, 3, hashed(1))
        last = first + 2
        index.commit(Change(keys=hashed(2, 1, 2, 2), numbers=array(last, first, first, last)))
        assert lists(index.postings(hashed(1, 2), 10)) == [
            [first, first + 1, last, first],
            [last, first, last],
        ]

    @pytest.mark.parametrize("most", [1, 2, 15, 16, 17, 100, 1000])
    def test_of_a_long_list_the_last_are_given(self, index: Index, most: int) -> None:
        numbers = range(fill(index, 100, hashed(7)), 101)
        found = index.find(hashed(7, 8), most)
        assert lists(found.postings) == [list(numbers)[-most:], []]
        assert found.postings.lengths.tolist() == [100, 0]
        assert set(found.entries) == set(list(numbers)[-most:])

    def test_lists_grow_one_by_one(self, index: Index) -> None:
        for length in range(1, 40):
            fill(index, 1, hashed(7, 8))
            assert index.postings(hashed(7), 3).lengths.tolist() == [length]
        assert lists(index.postings(hashed(8), 50)) == [list(range(1, 40))]

    def test_a_key_may_be_asked_for_twice(self, index: Index) -> None:
        fill(index, 2, hashed(1))
        found = index.find(hashed(1, 2, 1, 1), 1)
        assert lists(found.postings) == [[2], [], [2], [2]]
        assert found.postings.lengths.tolist() == [2, 0, 2, 2]
        assert index.commit(posted(hashed(1), entry(index.reserve(1))), found)

    def test_any_key_is_a_key(self, index: Index) -> None:
        keys = np.array([0, 1, 255, 2**32, 2**46 - 1, 2**46, 2**63, 2**64 - 256, 2**64 - 1], np.uint64)
        for key in keys:
            fill(index, 1, np.array([key]))
        assert lists(index.postings(keys, 5)) == [[n] for n in range(1, len(keys) + 1)]

    def test_large_numbers_are_numbers(self, index: Index) -> None:
        first = index.reserve(2**31)
        with index.turn(write=True):
            last = index.reserve(2)
            index.commit(posted(hashed(1), entry(last), entry(last + 1, last)))
        assert last == first + 2**31
        found = index.find(hashed(1), 5, reserve=1)
        assert lists(found.postings) == [[last, last + 1]]
        assert found.entries[last + 1].leader == last
        assert found.first == last + 2

    # Entries and clusters

    def test_an_entry_comes_back_as_it_was(self, index: Index) -> None:
        odd = entry(
            index.reserve(1),
            doc_id="ид\0\n",
            published=-1e-3,
            verdict=bytes(256),
            payload=bytes(range(256)) * 99,
        )
        plain = entry(index.reserve(1), doc_id="", verdict=b"", payload=b"")
        index.commit(posted(hashed(1), odd, plain))
        found = index.find(hashed(1), 5)
        assert found.entries == {1: odd, 2: plain}
        assert index.entries(array(1, 2)) == found.entries
        assert found.clusters == {1: state(1), 2: state(2)}

    def test_no_date_comes_back_as_none(self, index: Index) -> None:
        index.commit(posted(hashed(1), entry(index.reserve(1), published=NAN)))
        back = index.entries(array(1))[1]
        assert np.isnan(back.published)
        assert back.dated == back.seen
        assert [part.dated.tolist() for part in index.outline()] == [[back.seen]]

    def test_a_cluster_comes_back_as_it_was(self, index: Index) -> None:
        fill(index, 2)
        odd = state(1, 2**31, name="ид" * 500, kept=2, first=-1e9, last=1e300)
        index.commit(Change(clusters=[odd]))
        assert index.clusters(array(1, 2, 3)) == {1: odd, 2: state(2)}

    def test_the_leader_comes_with_its_member(self, index: Index) -> None:
        index.reserve(3)
        index.commit(posted(hashed(1), entry(1)))
        index.commit(posted(hashed(2), entry(2, leader=1), clusters=[state(1, 2)]))
        index.commit(posted(hashed(3), entry(3)))
        found = index.find(hashed(2), 5)
        assert found.entries == {1: entry(1), 2: entry(2, leader=1)}
        assert found.clusters == {1: state(1, 2)}

    def test_what_is_stored_again_takes_the_place(self, index: Index) -> None:
        fill(index, 3, hashed(1))
        removed = entry(2, doc_id="", payload=b"other" * 100)
        index.commit(Change(entries=[removed], clusters=[state(2, 5)]))
        found = index.find(hashed(1), 5)
        assert found.entries == {1: entry(1), 2: removed, 3: entry(3)}
        assert found.clusters[2] == state(2, 5)
        assert lists(found.postings) == [[1, 2, 3]]
        assert [part.removed.tolist() for part in index.outline()] == [[False, True, False]]

    def test_what_is_dropped_is_forgotten(self, index: Index) -> None:
        fill(index, 3, hashed(1))
        drop(index, [2])
        found = index.find(hashed(1), 5)
        assert found.entries == {1: entry(1), 3: entry(3)}
        assert set(found.clusters) == {1, 3}
        assert set(lists(found.postings)[0]) - {2} == {1, 3}
        assert index.entries(array(2)) == {}
        assert index.clusters(array(2)) == {}
        assert [part.numbers.tolist() for part in index.outline()] == [[1, 3]]
        drop(index, [2])

    def test_the_outline_ascends(self, index: Index) -> None:
        fill(index, 3000)
        drop(index, [1, 64, 65, 2000, 3000])
        parts = list(index.outline())
        numbers = np.concatenate([part.numbers for part in parts])
        assert numbers.tolist() == sorted(set(range(1, 3001)) - {1, 64, 65, 2000, 3000})
        assert np.concatenate([part.leaders for part in parts]).tolist() == numbers.tolist()
        assert np.concatenate([part.dated for part in parts]).tolist() == (1.5 * numbers).tolist()
        assert not np.concatenate([part.removed for part in parts]).any()

    def test_counters_count(self, index: Index) -> None:
        index.commit(Change(counts={"articles": 2, "copies": 1}))
        index.commit(Change(counts={"articles": -1, "größe": 2**40}))
        assert index.counts() == {"articles": 1, "copies": 1, "größe": 2**40}

    # Numbers

    def test_numbers_start_at_one_and_go_on(self, index: Index) -> None:
        assert index.reserve(3) == 1
        assert index.find(hashed(1), 5, reserve=2).first == 4
        assert index.reserve(1) == 6

    def test_threads_never_get_a_number_twice(self, index: Index) -> None:
        given: list[int] = []

        def ask() -> None:
            given.extend(add_until_done(index, hashed(1, 2)) for _ in range(TURNS))

        threads = [threading.Thread(target=ask) for _ in range(WORKERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assert_all_are_there(index, given)

    def test_processes_never_get_a_number_twice(self, place: Place, index: Index) -> None:
        if not place.shared:
            pytest.skip("one process has it")
        context = get_context("spawn")
        queue = context.Queue()
        workers = [context.Process(target=work, args=(place, queue)) for _ in range(2)]
        for worker in workers:
            worker.start()
        given = [number for _ in workers for number in queue.get(timeout=60)]
        for worker in workers:
            worker.join()
        self.assert_all_are_there(index, given)

    @staticmethod
    def assert_all_are_there(index: Index, given: Sequence[int]) -> None:
        assert len(set(given)) == len(given)
        found = index.find(hashed(1, 2), len(given) + 1)
        one, other = lists(found.postings)
        assert one == other
        assert sorted(one) == sorted(given)
        # Each found those that came before it, and no other: nobody read what another was about to change.
        assert [found.entries[number].verdict for number in one] == [b"%d" % n for n in range(len(given))]
        assert index.counts() == {"articles": len(given)}
        assert index.verify() == []

    # Commits that rest on something

    def assert_refused(self, place: Place, index: Index, found: Found) -> None:
        if not place.refuses:
            pytest.skip("others wait for their turn")
        before = index.find(hashed(*range(9)), 50)
        change = posted(hashed(5, 6), entry(index.reserve(1)), counts={"articles": 1})
        assert not index.commit(change, found)
        after = index.find(hashed(*range(9)), 50)
        assert lists(after.postings) == lists(before.postings)
        assert (after.entries, after.clusters) == (before.entries, before.clusters)
        assert index.counts() == {}
        assert index.commit(change, after)

    @pytest.mark.parametrize("keys", [[5], [6, 6], [5, 7]])
    def test_an_addition_to_a_key_refuses(self, place: Place, index: Index, keys: list[int]) -> None:
        fill(index, 2, hashed(5))
        found = index.find(hashed(5, 6), 10)
        fill(index, 1, hashed(*keys))
        self.assert_refused(place, index, found)

    def test_an_addition_to_a_long_list_refuses(self, place: Place, index: Index) -> None:
        fill(index, 40, hashed(5))
        found = index.find(hashed(5, 6), 3)
        fill(index, 1, hashed(5))
        self.assert_refused(place, index, found)

    def test_a_drop_refuses(self, place: Place, index: Index) -> None:
        fill(index, 2, hashed(5))
        found = index.find(hashed(5, 6), 10)
        drop(index, [1])
        self.assert_refused(place, index, found)

    def test_a_drop_that_is_hidden_refuses(self, place: Place, index: Index) -> None:
        fill(index, 2, hashed(5))
        found = index.find(hashed(5, 6), 10)
        drop(index, [1])
        index.compact()
        fill(index, 1, hashed(5))
        self.assert_refused(place, index, found)

    def test_two_that_join_a_cluster_do_not_lose_one(self, place: Place, index: Index) -> None:
        if not place.refuses:
            pytest.skip("others wait for their turn")
        fill(index, 1, hashed(1, 2))
        one, other = index.find(hashed(1), 10, reserve=1), index.find(hashed(2), 10, reserve=1)
        assert index.commit(posted(hashed(1), entry(one.first, 1), clusters=[state(1, 2)]), one)
        late = posted(hashed(2), entry(other.first, 1), clusters=[state(1, 2)])
        assert not index.commit(late, other)
        assert index.clusters(array(1)) == {1: state(1, 2)}
        assert index.commit(late, index.find(hashed(2), 10))

    def test_an_addition_to_another_key_does_not_refuse(self, index: Index) -> None:
        fill(index, 2, hashed(5))
        found = index.find(hashed(5, 6), 10, reserve=1)
        fill(index, 1, hashed(7))
        assert index.commit(posted(hashed(5), entry(found.first)), found)

    def test_what_a_refused_change_reserved_stays_unused(self, place: Place, index: Index) -> None:
        if not place.refuses:
            pytest.skip("others wait for their turn")
        found = index.find(hashed(5), 10, reserve=2)
        fill(index, 1, hashed(5))
        assert not index.commit(posted(hashed(5), entry(found.first)), found)
        assert index.reserve(1) == 4

    def test_a_batch_is_one_change(self, index: Index) -> None:
        count = getattr(index, "most_articles", 1000)
        keys = hashed(*range(count * 50))
        found = index.find(keys, 128, reserve=count)
        assert not found.postings.lengths.any()
        change = Change(
            keys=keys,
            numbers=np.repeat(np.arange(1, count + 1), 50),
            entries=[entry(n) for n in range(1, count + 1)],
            clusters=[state(n) for n in range(1, count + 1)],
        )
        assert index.commit(change, found)
        again = index.find(keys, 128)
        assert again.postings.numbers.tolist() == change.numbers.tolist()
        assert again.entries == {one.number: one for one in change.entries}
        assert again.clusters == {one.leader: one for one in change.clusters}

    # Afterwards

    def test_another_opening_sees_everything(self, place: Place, index: Index) -> None:
        if not place.shared:
            pytest.skip("one process has it")
        fill(index, 30, hashed(1))
        index.commit(Change(counts={"articles": 30}))
        drop(index, [3])
        before = index.find(hashed(1), 50)
        index.close()
        with closing(place.open()) as other:
            after = other.find(hashed(1), 50, reserve=1)
            assert other.stored() == (MANIFEST, CONTEXT)
            assert lists(after.postings) == lists(before.postings)
            assert (after.entries, after.clusters) == (before.entries, before.clusters)
            assert after.first == 31
            assert other.counts() == {"articles": 30}
            assert other.verify() == []

    def test_compacting_keeps_the_answers_and_gives_back_space(self, index: Index) -> None:
        fill(index, 600)
        fill(index, 60, hashed(1))
        before = index.find(hashed(1, 300_000), 100)
        full = index.sizes()
        drop(index, [n for n in range(1, 661) if n % 20])
        index.compact()
        after = index.find(hashed(1, 300_000), 100)
        assert lists(after.postings) == [[620, 640, 660], [300]]
        assert after.postings.lengths.tolist() == [3, 1]
        assert after.entries == {n: before.entries[n] for n in (300, 620, 640, 660)}
        assert set(after.clusters) == {300, 620, 640, 660}
        assert set(full) >= {"postings", "payload", "rest"}
        assert index.sizes()["postings"] < full["postings"] / 2
        assert sum(index.sizes().values()) < sum(full.values()) / 2
        assert index.verify() == []
        index.compact()
        assert lists(index.postings(hashed(1), 100)) == [[620, 640, 660]]

    def test_compacting_leaves_others_alone(self, index: Index) -> None:
        fill(index, 200, hashed(1, 2))
        drop(index, range(1, 150))
        done = threading.Event()

        def compact() -> None:
            index.compact()
            done.set()

        thread = threading.Thread(target=compact)
        thread.start()
        given: list[int] = []
        while not done.is_set() or not given:
            given.append(add_until_done(index, hashed(2, 3)))
        thread.join()
        found = index.find(hashed(1, 2, 3), 10_000)
        alive = [n for n in lists(found.postings)[1] if n in found.entries]
        assert alive == [*range(150, 201), *given]
        assert lists(found.postings)[2] == given
        assert index.verify() == []

    def test_damage_is_told(self, place: Place, index: Index) -> None:
        fill(index, 20)
        index.close()
        place.damage()
        with closing(place.open()) as other:
            problems = other.verify()
        assert problems
        assert all(isinstance(line, str) and line for line in problems)

    def test_closing_twice_is_closing_once(self, place: Place) -> None:
        index = place.open()
        index.close()
        index.close()

    # Against the model

    def test_any_sequence_of_changes(self, places: Callable[[], Place]) -> None:
        class Machine(IndexMachine):
            def __init__(self) -> None:
                super().__init__(places())

        few = settings(settings.get_profile("ci"), max_examples=25, stateful_step_count=25)
        run_state_machine_as_test(Machine, settings=few)

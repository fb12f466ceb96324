from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import ParameterError
from dedup.sketch.banding import chance, choose_bands, expected_candidates
from dedup.tuned import ABOVE, DEFAULT, STEPS, Cut, Impossible, Tuning

thresholds = st.sampled_from([0.2, 0.3, 0.4, 0.55, 0.7, 0.9, 1.0])
recalls = st.sampled_from([0.5, 0.9, 0.95, 0.99])


@given(threshold=thresholds, recall=recalls)
def test_figures_are_those_of_the_bands(threshold: float, recall: float) -> None:
    cut = Cut.choose(threshold, recall, 256)
    assert (cut.bands, cut.rows) == choose_bands(threshold, recall, 256)
    assert cut.candidates == expected_candidates(cut.bands, cut.rows)
    assert cut.num_perm == cut.bands * cut.rows <= 256
    assert cut.signature_bytes == 4 * cut.num_perm
    assert cut.curve == tuple((step, chance(step, cut.bands, cut.rows)) for step in STEPS)
    assert cut.misses == tuple(
        1 - chance(min(1.0, threshold + above), cut.bands, cut.rows) for above in ABOVE
    )


@given(threshold=thresholds, recall=recalls)
def test_what_is_promised_is_kept(threshold: float, recall: float) -> None:
    cut = Cut.choose(threshold, recall, 256)
    assert cut.chance(threshold) >= recall
    assert cut.misses[0] <= 1 - recall + 1e-12


@given(threshold=thresholds, recall=recalls)
def test_the_chance_grows_with_resemblance_and_the_misses_fall(threshold: float, recall: float) -> None:
    cut = Cut.choose(threshold, recall, 256)
    chances = [chance for _, chance in cut.curve]
    assert chances == sorted(chances)
    assert chances[-1] == 1.0
    assert list(cut.misses) == sorted(cut.misses, reverse=True)


def test_a_lower_threshold_and_a_higher_recall_propose_more() -> None:
    assert Cut.choose(0.3, 0.95, 256).candidates > Cut.choose(0.4, 0.95, 256).candidates
    assert Cut.choose(0.4, 0.99, 256).chance(0.2) > Cut.choose(0.4, 0.9, 256).chance(0.2)


def test_what_no_bands_can_do_is_refused() -> None:
    with pytest.raises(ParameterError, match="possible: max_perm"):
        Cut.choose(0.1, 0.99, 16)


def test_the_chosen_one_is_the_default_or_the_first() -> None:
    cuts = tuple(Cut.choose(threshold, 0.95, 256) for threshold in (0.3, 0.4, 0.5))
    assert Tuning(cuts).chosen.threshold == DEFAULT[0]
    assert [cut.is_default for cut in cuts] == [False, True, False]
    assert Tuning(cuts[::2]).chosen.threshold == 0.3
    assert not Cut.choose(0.4, 0.9, 256).is_default


def test_json_has_all_of_it() -> None:
    tuning = Tuning((Cut.choose(0.4, 0.95, 256),), (Impossible(0.1, 0.99, "why"),))
    told = json.loads(json.dumps(tuning.as_dict()))
    (cut,) = told["cuts"]
    assert {name: cut[name] for name in ("bands", "rows", "num_perm", "signature_bytes", "default")} == {
        "bands": 46,
        "rows": 3,
        "num_perm": 138,
        "signature_bytes": 552,
        "default": True,
    }
    assert cut["promised"] == pytest.approx(0.9523, abs=5e-5)
    assert cut["misses"][0] == pytest.approx(1 - cut["promised"])
    assert [step for step, _ in cut["curve"]] == list(STEPS)
    assert told["impossible"] == [{"threshold": 0.1, "recall": 0.99, "reason": "why"}]
    assert told["survey"] is None

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dedup.pair import RELATIONS, Scores, TitleMatch
from dedup.verdict import Verdict

shares = st.integers(0, 10_000).map(lambda number: number / 10_000)
scores = st.builds(Scores, shares, shares, shares, st.none() | shares)
told = st.builds(
    Verdict,
    st.just("b"),
    st.just("a"),
    st.none() | st.just("a"),
    st.sampled_from(RELATIONS),
    scores,
    st.none() | scores,
    st.none() | st.builds(TitleMatch, shares, st.sampled_from(["same", "near"])),
    st.booleans(),
    repeated=st.just(False),
    replaces=st.none() | st.just("a"),
    passages=st.just(()),
)


@given(told)
def test_what_is_stored_is_said_again(verdict: Verdict) -> None:
    assert Verdict.unpack(verdict.pack(), "b", "a") == verdict._replace(repeated=True)


def test_nothing_is_stored_of_what_is_new() -> None:
    assert Verdict("a", "a").pack() == b""
    assert Verdict.unpack(b"", "a", "a") == Verdict("a", "a", repeated=True)
    assert Verdict.unpack(Verdict("a", "a#2", version=True).pack(), "a", "a#2").version


def test_scores_are_those_of_the_pair() -> None:
    verdict = Verdict("b", "a", "a", "near", Scores(0.5, 0.9, 0.6, None))
    assert (verdict.resemblance, verdict.containment, verdict.coverage, verdict.continuity) == (
        0.5,
        0.9,
        0.6,
        None,
    )
    assert Verdict("a", "a").resemblance is None

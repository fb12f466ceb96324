from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.canonical import KEEPS, Traits, check_keep, choose, choose_first, prefer
from dedup.deduplicator import deduplicate
from dedup.errors import ParameterError
from tests.shell import write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from dedup.canonical import Keep
    from tests.shell import Shell


class Member(NamedTuple):
    """What is known of an article."""

    cluster: int
    rank: int
    published: float | None
    preference: int
    id: str


def traits_of(members: Sequence[Member]) -> Traits:
    return Traits(
        np.array([member.rank for member in members], np.int64),
        np.array(
            [np.nan if member.published is None else member.published for member in members], np.float64
        ),
        np.array([member.preference for member in members], np.int64),
        [member.id for member in members],
    )


def chosen(members: Sequence[Member], keep: Keep) -> list[int]:
    rows: list[int] = choose(
        np.array([member.cluster for member in members], np.int64), traits_of(members), keep
    ).tolist()
    return rows


def naive_choose(members: Sequence[Member], keep: Keep) -> list[int]:
    """By the docstring: preference, then the rule (undated last), then the earlier, the smaller id, the first."""

    def merit(row: int) -> tuple[float, ...]:
        published = members[row].published
        undated = float("inf")
        return {
            "longest": (members[row].rank,),
            "earliest": (undated if published is None else published,),
            "latest": (undated if published is None else -published,),
            "first": (row,),
            "last": (-row,),
        }[keep]

    def order(row: int) -> tuple[int, tuple[float, ...], float, str, int]:
        member = members[row]
        earlier = float("inf") if member.published is None else member.published
        return member.preference, merit(row), earlier, member.id, row

    return [
        min((row for row, other in enumerate(members) if other.cluster == member.cluster), key=order)
        for member in members
    ]


members = st.lists(
    st.builds(
        Member,
        st.integers(-2, 2),
        st.integers(0, 2),
        st.none() | st.integers(-2, 2).map(float),
        st.integers(0, 1),
        st.text("ab", max_size=2),
    ),
    max_size=10,
)


@given(members, st.sampled_from(KEEPS))
def test_the_choice_is_that_of_the_twin(given_: list[Member], keep: Keep) -> None:
    assert chosen(given_, keep) == naive_choose(given_, keep)


@given(members)
def test_the_first_of_a_cluster_is_its_earliest_whatever_its_source(given_: list[Member]) -> None:
    labels = np.array([member.cluster for member in given_], np.int64)
    without_sources = [member._replace(preference=0) for member in given_]
    assert choose_first(labels, traits_of(given_)).tolist() == naive_choose(without_sources, "earliest")


#: One cluster: the second is the longest, the third the earliest, the fourth the latest, the last undated.
CLUSTER = [
    Member(0, 1, 30.0, 0, "e"),
    Member(0, 0, 40.0, 0, "d"),
    Member(0, 2, 10.0, 0, "c"),
    Member(0, 3, 50.0, 0, "b"),
    Member(0, 4, None, 0, "a"),
]


@pytest.mark.parametrize(
    ("keep", "row"), [("longest", 1), ("earliest", 2), ("latest", 3), ("first", 0), ("last", 4)]
)
def test_each_rule(keep: Keep, row: int) -> None:
    assert chosen(CLUSTER, keep) == [row] * 5


def test_every_rule_is_tested() -> None:
    assert set(KEEPS) == {"longest", "earliest", "latest", "first", "last"}


@pytest.mark.parametrize("keep", KEEPS)
def test_a_preferred_source_outranks_the_rule(keep: Keep) -> None:
    for row in range(5):
        preferred = [
            member._replace(preference=0 if place == row else 1) for place, member in enumerate(CLUSTER)
        ]
        assert chosen(preferred, keep) == [row] * 5


@pytest.mark.parametrize("keep", KEEPS)
def test_among_preferred_sources_the_rule_decides(keep: Keep) -> None:
    others = [member._replace(cluster=1, preference=1) for member in CLUSTER]
    assert chosen([*CLUSTER, *others], keep) == [
        *naive_choose(CLUSTER, keep),
        *naive_choose([*CLUSTER, *others], keep)[5:],
    ]


@pytest.mark.parametrize("keep", ["earliest", "latest"])
def test_undated_come_after_dated(keep: Keep) -> None:
    assert chosen([Member(0, 0, None, 0, "a"), Member(0, 1, 5.0, 0, "b")], keep) == [1, 1]
    assert chosen([Member(0, 0, None, 0, "a"), Member(0, 1, None, 0, "b")], keep) == [0, 0]


def test_ties_go_to_the_earlier_then_to_the_smaller_id_then_to_the_first() -> None:
    one = Member(0, 7, 5.0, 0, "b")
    assert chosen([one, one._replace(published=4.0, id="c")], "longest") == [1, 1]
    assert chosen([one, one._replace(id="a")], "longest") == [1, 1]
    assert chosen([one, one], "longest") == [0, 0]
    assert chosen([one, one._replace(id="a")], "latest") == [1, 1]


def test_who_is_alone_is_kept() -> None:
    assert chosen([member._replace(cluster=row) for row, member in enumerate(CLUSTER)], "latest") == [
        0,
        1,
        2,
        3,
        4,
    ]
    assert chosen([], "longest") == []


@pytest.mark.parametrize("keep", ["shortest", "", "Longest"])
def test_what_is_no_rule_is_refused(keep: str) -> None:
    with pytest.raises(ParameterError, match="longest, earliest, latest, first, last"):
        check_keep(keep)
    with pytest.raises(ParameterError):
        choose(np.zeros(1, np.int64), traits_of(CLUSTER[:1]), keep)  # type: ignore[arg-type]
    with pytest.raises(ParameterError):
        deduplicate([], keep=keep)  # type: ignore[arg-type]


def test_sources_rank_by_their_place() -> None:
    nowhere = [None] * 5
    assert prefer(["b", "c", None, "a", "b"], nowhere, ["a", "b"]).places.tolist() == [1, 2, 2, 0, 1]
    assert prefer(["a", None], nowhere[:2], []).places.tolist() == [0, 0]
    assert prefer(["a", "b"], nowhere[:2], ["a", "b", "a"]).places.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("source", "host", "place"),
    [
        ("A.com", None, 0),
        (None, "a.com", 0),
        (None, "www.a.com", 0),
        ("The Wire", "sport.news.a.com", 0),
        ("www.a.com", "aggregator.example", 0),
        (None, "nota.com", 3),
        (None, "a.com.example", 3),
        ("a.com daily", None, 3),
        (" the WIRE ", "b.org", 1),
        ("b.org", "x.a.com", 0),
        (None, "my.the wire", 3),
        ("wire", "x.com", 3),
        (None, "x.com", 3),
        ("com", None, 2),
        (None, None, 3),
    ],
)
def test_a_preferred_source_is_a_source_or_a_host(source: str | None, host: str | None, place: int) -> None:
    """A word without a dot is no host: `com` is not every host below it."""
    assert prefer([source], [host], ["a.COM", "The Wire", " com "]).places.tolist() == [place]


def test_a_preferred_source_that_no_article_has_is_told() -> None:
    found = prefer(["b", "A", "b"], ["x.c.net", None, None], ["d.org", "c.net", "B ", "a", "E"])
    assert found.absent == ("d.org", "E")
    assert found.places.tolist() == [1, 3, 2]
    assert prefer([], [], ["a"]).absent == ("a",)


@pytest.mark.parametrize("preferred", [[""], ["a", " "], [None], [1]])
def test_what_is_no_source_is_refused(preferred: list[str]) -> None:
    with pytest.raises(ParameterError, match="names of sources"):
        deduplicate([], prefer_source=preferred)


# Through the whole path

WORDS = [f"w{place}" for place in range(40)]
ARTICLES: list[dict[str, str | None]] = [
    {"id": "middle", "text": " ".join(WORDS[:35]), "date": "2026-03-02", "source": "a.example"},
    {"id": "longest", "text": " ".join(WORDS), "date": "2026-03-03", "source": "b.example"},
    {"id": "earliest", "text": " ".join(WORDS[:33]), "date": "2026-03-01", "source": "c.example"},
    {"id": "latest", "text": " ".join(WORDS[:34]), "date": "2026-03-04", "source": "a.example"},
    {"id": "undated", "text": " ".join(WORDS[:32]), "date": None, "source": None},
]


@pytest.mark.parametrize(
    ("keep", "kept"),
    [
        ("longest", "longest"),
        ("earliest", "earliest"),
        ("latest", "latest"),
        ("first", "middle"),
        ("last", "undated"),
    ],
)
def test_each_rule_keeps_its_article(keep: Keep, kept: str) -> None:
    result = deduplicate(ARTICLES, keep=keep)
    assert [article.id for article in result.kept] == [kept]
    assert {match.duplicate_of for match in result.duplicates} == {kept}
    assert {match.leader for match in result.duplicates} == {"longest"}
    assert [cluster.id for cluster in result.clusters] == [kept]


@pytest.mark.parametrize(
    ("keep", "preferred", "kept"),
    [
        ("longest", ["a.example"], "middle"),
        ("latest", ["a.example"], "latest"),
        ("earliest", ["c.example", "a.example"], "earliest"),
        ("earliest", ["b.example", "c.example"], "longest"),
        ("earliest", ["nowhere.example"], "earliest"),
        ("last", ["a.example"], "latest"),
        ("first", ["b.example"], "longest"),
        ("longest", ["EXAMPLE", "A.Example"], "middle"),
    ],
)
def test_preferred_sources_are_kept(keep: Keep, preferred: list[str], kept: str) -> None:
    assert [article.id for article in deduplicate(ARTICLES, keep=keep, prefer_source=preferred).kept] == [
        kept
    ]


def test_dates_are_compared_as_moments() -> None:
    text = " ".join(WORDS)
    result = deduplicate(
        [
            {"id": "tokyo", "text": text, "date": "2026-03-02T08:00:00+09:00"},
            {"id": "london", "text": text, "date": datetime(2026, 3, 2, 0, 0, tzinfo=UTC)},
            {"id": "new york", "text": text, "date": "2026-03-01T18:30:00-05:00"},
        ],
        keep="earliest",
    )
    assert [article.id for article in result.kept] == ["tokyo"]


@pytest.mark.parametrize("keep", KEEPS)
@pytest.mark.parametrize("place", range(5))
def test_every_rule_yields_to_a_preferred_host(keep: Keep, place: int) -> None:
    """The host of the URL stands where there is no source."""
    articles = [
        {**article, "source": None, "url": f"https://www.{article['id']}.example/{number}"}
        for number, article in enumerate(ARTICLES)
    ]
    name = ARTICLES[place]["id"]
    result = deduplicate(articles, keep=keep, prefer_source=["nobody.example", f"{name}.example"])
    assert [article.id for article in result.kept] == [name]


def test_the_command_takes_spaces_and_tells_absent_sources(shell: Shell, tmp_path: Path) -> None:
    dump = write(tmp_path / "dump", *ARTICLES)
    preferred = " Nowhere.example ,, c.EXAMPLE,\x1b[31m"
    status, out, err = shell("run", dump, "-o", "-", "--prefer-source", preferred)
    assert status == 0
    assert json.loads(out)["id"] == "earliest"
    notes = [line for line in err.splitlines() if line.startswith("note: no article")]
    assert notes == [
        "note: no article is of the preferred source Nowhere.example",
        "note: no article is of the preferred source \\x1b[31m",
    ]
    _, _, err = shell("run", dump, "-o", os.devnull, "--prefer-source", "a.example,b.org", "--json")
    assert json.loads(err)["absent_sources"] == ["b.org"]

from __future__ import annotations

import gzip
import io
import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import ReadError
from dedup.io import labels
from dedup.io.streams import Source

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, *lines: object) -> str:
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return str(path)


def read_labels(truth: str, predicted: str, field: str = "cluster") -> tuple[list[str], list[str]]:
    with closing(Source(truth)) as one, closing(Source(predicted)) as other:
        return labels.read_labels(one, other, field)


def read_pairs(truth: str, predicted: str, **asked: Any) -> labels.LabelledPairs:
    with closing(Source(truth)) as one, closing(Source(predicted)) as other:
        return labels.read_pairs(one, other, **asked)


def is_about_pairs(name: str) -> bool:
    with closing(Source(name)) as source:
        return labels.is_about_pairs(source)


def label(article: object, cluster: object) -> dict[str, object]:
    return {"id": article, "cluster": cluster}


def test_labels_come_in_the_order_of_the_truth(tmp_path: Path) -> None:
    truth = write(tmp_path / "t", label("a", "x"), label("b", "y"), label("c", "x"))
    predicted = write(tmp_path / "p", label("c", "1"), label("a", "2"), "", label("b", "1"))
    assert read_labels(truth, predicted) == (["x", "y", "x"], ["2", "1", "1"])
    assert read_labels(predicted, truth) == (["1", "2", "1"], ["x", "x", "y"])


@given(
    st.dictionaries(st.text("abc", max_size=2), st.integers(0, 3), min_size=1),
    st.randoms(use_true_random=False),
)
def test_order_in_the_files_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, clusters: dict[str, int], rng: object
) -> None:
    folder = tmp_path_factory.mktemp("labels")
    truth = write(folder / "t", *(label(name, cluster) for name, cluster in clusters.items()))
    shuffled = list(clusters)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    predicted = write(folder / "p", *(label(name, clusters[name]) for name in shuffled))
    expected = [str(cluster) for cluster in clusters.values()]
    assert read_labels(truth, predicted) == (expected, expected)


def test_numbers_are_names(tmp_path: Path) -> None:
    truth = write(tmp_path / "t", label(0, 0), label("1", 1.5))
    predicted = write(tmp_path / "p", label("0", "a"), label(1, False))
    assert read_labels(truth, predicted) == (["0", "1.5"], ["a", "False"])


def test_other_fields_do_not_matter_and_files_may_be_compressed(tmp_path: Path) -> None:
    truth = write(tmp_path / "t", {"id": "a", "cluster": "x", "kept": True, "note": [1]})
    packed = tmp_path / "p.gz"
    packed.write_bytes(gzip.compress(b'\xef\xbb\xbf{"cluster": "y", "id": "a"}\r\n'))
    assert read_labels(truth, str(packed)) == (["x"], ["y"])


def test_one_may_be_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    truth = write(tmp_path / "t", label("a", "x"))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'{"id": "a", "cluster": "y"}\n')))
    assert read_labels(truth, "-") == (["x"], ["y"])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"id": "b"', "broken JSON"),
        ("[" * 100_000, "broken JSON"),
        ("[]", 'an object with "id" is needed'),
        ("7", 'an object with "id" is needed'),
        ('{"id": "b"}', 'an object with "id" and "cluster" is needed'),
        ('{"id": null, "cluster": "x"}', 'an object with "id" is needed'),
        ('{"id": "b", "cluster": null}', 'an object with "id" and "cluster" is needed'),
        ('{"id": "a", "cluster": "y"}', "the id 'a' stands twice"),
    ],
)
@pytest.mark.parametrize("broken_first", [True, False])
def test_a_broken_line_is_named(tmp_path: Path, line: str, reason: str, broken_first: bool) -> None:
    whole = write(tmp_path / "whole", label("a", "x"))
    broken = write(tmp_path / "broken", label("a", "x"), "", line)
    with pytest.raises(ReadError) as caught:
        read_labels(*((broken, whole) if broken_first else (whole, broken)))
    assert (caught.value.path, caught.value.record) == (broken, 3)
    assert caught.value.reason.startswith(reason)


def test_articles_of_one_file_only_are_named(tmp_path: Path) -> None:
    one = write(tmp_path / "one", label("a", "x"), label("b", "x"), label("c", "x"))
    other = write(tmp_path / "other", label("b", "x"), label("d", "x"))
    with pytest.raises(ReadError, match=r"other: 2 articles of the other file are absent, e.g. 'a'"):
        read_labels(one, other)
    with pytest.raises(ReadError, match=r"one: 1 articles of the other file are absent, e.g. 'd'"):
        read_labels(write(tmp_path / "one", label("b", "x")), other)


def test_truncated_and_absent_files_are_named(tmp_path: Path) -> None:
    whole = write(tmp_path / "whole", label("a", "x"))
    packed = tmp_path / "p.gz"
    packed.write_bytes(gzip.compress(b'{"id": "a", "cluster": "y"}\n' * 9)[:-9])
    with pytest.raises(ReadError, match="truncated"):
        read_labels(whole, str(packed))
    with pytest.raises(ReadError, match="absent: can't be read"):
        read_labels(str(tmp_path / "absent"), whole)


def test_stories_are_read_beside_clusters(tmp_path: Path) -> None:
    known = write(tmp_path / "t", label("a", "x"), label("b", "y"))
    stories = write(
        tmp_path / "p", {"id": "b", "cluster": 1, "story": 7}, {"id": "a", "cluster": 2, "story": 8}
    )
    assert read_labels(known, stories, "story") == (["x", "y"], ["8", "7"])
    assert read_labels(stories, stories, "story") == (["7", "8"], ["7", "8"])
    with pytest.raises(ReadError, match='t:1: an object with "id" and "story" is needed'):
        read_labels(known, known, "story")


def test_the_truth_does_not_change_its_field_on_the_way(tmp_path: Path) -> None:
    known = write(tmp_path / "t", {"id": "a", "story": 1, "cluster": 2}, label("b", "y"))
    with pytest.raises(ReadError, match='t:2: an object with "id" and "story" is needed'):
        read_labels(known, known, "story")


@pytest.mark.parametrize(
    ("record", "pairs"),
    [
        ({"id": 1, "label": 0}, True),
        ({"id": 1, "label": None}, True),
        ({"id": 1, "grade": 2.5, "a": "x"}, True),
        ({"id": 1, "grade": 2.5, "cluster": None}, True),
        ({"id": 1, "label": 1, "cluster": "x"}, False),
        ({"id": 1, "story": "x"}, False),
    ],
)
def test_labels_or_grades_are_those_of_pairs(tmp_path: Path, record: dict[str, object], pairs: bool) -> None:
    assert is_about_pairs(write(tmp_path / "t", "", record)) == pairs


def test_nothing_is_not_about_pairs(tmp_path: Path) -> None:
    assert not is_about_pairs(write(tmp_path / "t"))


def test_pairs_come_in_the_order_of_the_truth(tmp_path: Path) -> None:
    known = write(
        tmp_path / "t",
        {"id": "p1", "label": 1, "grade": 4.5, "lang": "ru"},
        {"id": "p2", "label": None},
        {"id": "p3", "label": False, "grade": "light", "lang": None},
        {"id": "p4", "label": 0},
    )
    said = write(
        tmp_path / "p",
        {"id": "p3", "resemblance": 0.25},
        {"id": "p5", "resemblance": 0.5},
        {"id": "p2", "resemblance": None},
        {"id": "p1", "resemblance": 1},
    )
    found = read_pairs(known, said, by="lang")
    assert found == labels.LabelledPairs(
        labels=[True, None, False],
        grades=[4.5, None, None],
        groups=["ru", "", ""],
        scores=[1, None, 0.25],
        score="resemblance",
        unsaid=1,
        unknown=1,
    )


@pytest.mark.parametrize("said", [True, 1, 1.0, "1", "true", "True"])
@pytest.mark.parametrize("unsaid", [False, 0, 0.0, "0", "false"])
def test_labels_in_all_their_ways(tmp_path: Path, said: object, unsaid: object) -> None:
    both = write(
        tmp_path / "t",
        {"id": 1, "label": said, "resemblance": 1},
        {"id": 2, "label": unsaid, "resemblance": 1},
    )
    assert read_pairs(both, both).labels == [True, False]


@pytest.mark.parametrize("wrong", [2, "near", -1, [1], {}, "", float("nan")])
def test_what_is_no_label_is_refused(tmp_path: Path, wrong: object) -> None:
    both = write(tmp_path / "t", {"id": 1, "label": wrong, "resemblance": 1})
    with pytest.raises(ReadError, match=r"t:1: the label is .*; it is 1, 0, true, false or null"):
        read_pairs(both, both)


def scored(pair: int, *names: str, **more: object) -> dict[str, object]:
    return {"id": pair, **{name: place / 10 for place, name in enumerate(names)}, **more}


@pytest.mark.parametrize(
    ("fields", "labelled", "graded"),
    [
        (labels.SCORES, "rewrite_probability", "title_similarity"),
        (labels.SCORES[1:], "same_story_probability", "title_similarity"),
        (("rewrite_probability", "resemblance"), "rewrite_probability", "rewrite_probability"),
        (("resemblance",), "resemblance", "resemblance"),
    ],
)
def test_the_best_score_that_is_there_is_taken(
    tmp_path: Path, fields: tuple[str, ...], labelled: str, graded: str
) -> None:
    said = write(tmp_path / "p", scored(1, *fields), scored(2, *fields))
    for known_by, expected in (({"label": 1}, labelled), ({"grade": 3}, graded)):
        known = write(tmp_path / "t", {"id": 1, **known_by}, {"id": 2, **known_by})
        assert read_pairs(known, said).score == expected


def test_a_score_that_stands_in_some_lines_only_is_passed_over(tmp_path: Path) -> None:
    known = write(tmp_path / "t", {"id": 1, "label": 1}, {"id": 2, "label": 0})
    said = write(tmp_path / "p", scored(1, "rewrite_probability", "resemblance"), scored(2, "resemblance"))
    found = read_pairs(known, said)
    assert (found.score, found.scores) == ("resemblance", [0.1, 0.0])
    with pytest.raises(ReadError, match="p:2: 'rewrite_probability' is absent; --score names a field"):
        read_pairs(known, said, score="rewrite_probability")


def test_a_score_of_any_name(tmp_path: Path) -> None:
    both = write(tmp_path / "t", scored(1, label=1, cosine=-2), scored(2, label=0, cosine=None))
    assert read_pairs(both, both, score="cosine").scores == [-2, None]
    with pytest.raises(ReadError, match=r"'rewrite_probability' or .* or 'resemblance' is absent"):
        read_pairs(both, both)


@pytest.mark.parametrize("wrong", ["0.5", True, [0.5], float("inf"), -float("inf"), 10**400])
def test_what_is_no_score_is_refused(tmp_path: Path, wrong: object) -> None:
    both = write(tmp_path / "t", scored(1, label=1, cosine=0.5), scored(2, label=0, cosine=wrong))
    with pytest.raises(ReadError, match=r"t:2: 'cosine' is .*; a number or null is needed"):
        read_pairs(both, both, score="cosine")


def test_relations_are_decisions(tmp_path: Path) -> None:
    both = write(
        tmp_path / "t",
        *({"id": name, "label": 1, "relation": name} for name in ("near", "exact", "overlap")),
    )
    found = read_pairs(both, both, relations=("exact", "near"))
    assert (found.score, found.scores) == ("relation", [True, True, False])
    broken = write(tmp_path / "p", {"id": "near", "relation": None})
    with pytest.raises(ReadError, match='p:1: an object with "id" and "relation" is needed'):
        read_pairs(both, broken, relations=("exact",))


def test_no_pair_in_common_is_told(tmp_path: Path) -> None:
    known = write(tmp_path / "t", {"id": 1, "label": 1}, {"id": 2, "label": 1})
    said = write(tmp_path / "p", scored(3, "resemblance"))
    with pytest.raises(ReadError, match=r"p: none of its 1 pairs is one of the 2 of .*t"):
        read_pairs(known, said)


def test_a_pair_that_stands_twice_is_named(tmp_path: Path) -> None:
    known = write(tmp_path / "t", {"id": 1, "label": 1})
    twice = write(tmp_path / "p", scored(1, "resemblance"), scored(1, "resemblance"))
    for files in ((known, twice), (twice, known)):
        with pytest.raises(ReadError, match="p:2: the id '1' stands twice"):
            read_pairs(*files)

from __future__ import annotations

import gzip
import io
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import ReadError
from dedup.io.labels import read_labels

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, *lines: object) -> str:
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return str(path)


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
        ("[]", 'an object with "id" and "cluster" is needed'),
        ("7", 'an object with "id" and "cluster" is needed'),
        ('{"id": "b"}', 'an object with "id" and "cluster" is needed'),
        ('{"id": null, "cluster": "x"}', 'an object with "id" and "cluster" is needed'),
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

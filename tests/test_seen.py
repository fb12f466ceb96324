from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dedup import Article, StorageError, open_index
from dedup.io.batches import Batch

if TYPE_CHECKING:
    from pathlib import Path

TEXT = " ".join(f"w{place}" for place in range(40))


# What the commands need


def test_an_index_that_is_absent_is_not_begun_unless_that_is_wanted(tmp_path: Path) -> None:
    path = tmp_path / "news.dedup"
    with pytest.raises(StorageError, match="there is no index"):
        open_index(path, create=False)
    assert not path.exists()
    with open_index(path, threshold=0.5):
        pass
    with open_index(path, create=False) as there:
        assert there.manifest.threshold == 0.5
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="is a file; an index is a directory"):
        open_index(tmp_path / "file", create=False)


def test_a_file_uri_and_a_path_name_one_directory(tmp_path: Path) -> None:
    path = tmp_path / "news.dedup"
    with open_index(f"file://{path}") as there:
        there.add({"id": "a", "text": TEXT})
    with open_index(f"{path}?network=allow", create=False) as there:
        assert "a" in there
    assert [item.name for item in tmp_path.iterdir()] == ["news.dedup"]


@pytest.mark.parametrize("uri", ["memory://", "news.dedup"])
def test_an_empty_index_expires_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uri: str) -> None:
    monkeypatch.chdir(tmp_path)
    with open_index(uri, window="30d") as there:
        assert (there.expire(), list(there.articles()), there.verify()) == (0, [], [])
        there.compact()
        there.add({"id": "a", "text": TEXT, "date": "2026-03-01"})
        assert (there.expire(), there.expire(), len(there)) == (1, 0, 0)


def test_a_step_says_which_entry_each_article_is() -> None:
    batch = Batch.of(
        [Article(TEXT, "a"), Article(TEXT, "b"), Article(TEXT.upper(), "a"), Article("rain", "a")]
    )
    with open_index("memory://") as there:
        first, again = there.add_batch(batch), there.add_batch(batch)
    assert first.numbers == again.numbers == [1, 2, 1, 4]
    assert [verdict.repeated for verdict in first.verdicts] == [False, False, True, False]
    assert all(verdict.repeated for verdict in again.verdicts)

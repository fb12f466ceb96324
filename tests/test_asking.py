from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import dedup
from dedup import Article, ParameterError

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = "The council voted on Monday to close the old swimming pool."
ONE: list[Any] = [TEXT, TEXT.encode(), {"text": TEXT}, Article(TEXT), Path("fixtures/news/monday.jsonl")]


@pytest.mark.parametrize("value", ONE)
def test_one_thing_is_no_list(value: Any, tmp_path: Path) -> None:
    with dedup.open_index("memory://") as index:
        calls: list[Callable[[], object]] = [
            lambda: index.add_many(value),
            lambda: index.check_many(value),
            lambda: dedup.deduplicate(value),
            lambda: dedup.deduplicate_files(value, tmp_path / "kept"),
            lambda: dedup.add_files(index, value),
            lambda: list(dedup.check_files(index, value)),
        ]
        for call in calls:
            with pytest.raises(
                ParameterError, match=f"is one .*{type(value).__name__}; a list of .* is meant"
            ):
                call()
        assert len(index) == 0
    with pytest.raises(ParameterError, match="prefer_source is one str; a list of sources"):
        dedup.deduplicate([], prefer_source="wire")


def test_an_id_is_one_string() -> None:
    with dedup.open_index("memory://") as index:
        for call in (index.remove, index.get):
            with pytest.raises(ParameterError, match="doc_id is of type list; one id is meant"):
                call(["1"])  # type: ignore[arg-type]


def test_a_context_is_read_first() -> None:
    context: Any = "boiler.jsonl"
    calls: list[Callable[[], object]] = [
        lambda: dedup.compare("a", "b", context=context),
        lambda: dedup.deduplicate([], context=context),
        lambda: dedup.open_index("memory://", context=context),
    ]
    for call in calls:
        with pytest.raises(
            ParameterError, match=r"context is 'boiler.jsonl'; a Context .*Context.load\(path\)"
        ):
            call()


def test_keep_if_is_a_function() -> None:
    keep: Any = "longer"
    with dedup.open_index("memory://") as index:
        with pytest.raises(ParameterError, match="keep_if is 'longer'; a function is meant"):
            index.add(TEXT, keep_if=keep)
        assert len(index) == 0


def test_texts_are_articles_everywhere() -> None:
    result = dedup.deduplicate([TEXT, TEXT.upper(), "Rain."])
    assert (len(result.kept), result.counts.exact) == (2, 1)

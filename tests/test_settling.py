"""What an index is set up with is settled by the first article."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import TYPE_CHECKING

import pytest

from dedup import Article, ParameterError, open_index
from tests.redis_server import NAMES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.redis_server import RedisServer

TEXT = " ".join(f"w{place}" for place in range(40))


@pytest.fixture(params=["directory", "redis"])
def uri(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "directory":
        return str(tmp_path / "index")
    server: RedisServer = request.getfixturevalue("redis_server")
    return server.uri(prefix=next(NAMES), spread=8)


def test_an_index_without_an_article_takes_what_is_asked_for(uri: str) -> None:
    open_index(uri, threshold=0.5, window="7d").close()
    with open_index(uri) as index:
        assert index.manifest.threshold == 0.5
    with open_index(uri, window="30d") as index:
        assert (index.manifest.threshold, index.manifest.window) == (0.4, 30 * 86400)
        index.add(Article(TEXT))
    with pytest.raises(ParameterError, match=r"set up with window=30d; asked for was window=7d"):
        open_index(uri, window="7d")
    with open_index(uri) as index:
        assert index.manifest.window == 30 * 86400


def test_who_opened_it_before_is_refused(uri: str) -> None:
    with open_index(uri, window="7d") as early, open_index(uri, window="30d") as late:
        for one in (early.add, early.check):
            with pytest.raises(
                ParameterError, match=r"set up with window=30d; .* opened here with window=7d"
            ):
                one(Article(TEXT))
        with pytest.raises(ParameterError, match="window=30d"):
            early.expire()
        assert late.add(Article(TEXT)).relation is None
        with pytest.raises(ParameterError, match=r"window=30d; .* window=7d"):
            early.add(Article(TEXT))
        assert len(late) == 1


def test_who_added_first_is_obeyed(uri: str) -> None:
    with open_index(uri, window="7d") as early:
        early.add(Article(TEXT))
        with pytest.raises(ParameterError, match=r"set up with window=7d; asked for was window=30d"):
            open_index(uri, window="30d")
        assert early.add(Article(f"{TEXT} w")).is_duplicate


def test_of_several_at_once_one_adds(uri: str) -> None:
    """Whoever was told that its articles are stored has them under its own parameters."""
    barrier, stored, refused = Barrier(4), set[int](), list[str]()

    def begin(days: int) -> None:
        barrier.wait()
        try:
            with open_index(uri, window=f"{days}d") as index:
                index.add(Article(TEXT, id=str(days)))
                stored.add(days)
        except ParameterError as error:
            refused.append(str(error))

    threads = [Thread(target=begin, args=(days,)) for days in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with open_index(uri) as index:
        told = {int(article.id or 0) for article, _ in index.articles()}
        assert told == stored
        assert stored <= {index.manifest.window // 86400}
    assert len(stored) + len(refused) == 4

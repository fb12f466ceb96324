"""Articles that somebody holds in memory, as a run reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedup.article import Article
from dedup.asking import check_many
from dedup.io.batches import BATCH_BYTES, Batch, in_portions, to_utf8

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dedup.kernels.types import Rows


class Held:
    """Articles in memory: batches of them, and their texts once more.

    Parameters
    ----------
    items : iterable of str, Article, dict, or objects with the usual attributes
        A string is a text; see :meth:`Article.from_any` for the rest.

    Attributes
    ----------
    articles : list of Article
        In their order.

    Raises
    ------
    ParameterError
        If it is one text.
    ReadError
        If an item has neither text nor title.

    Examples
    --------
    >>> import numpy as np
    >>> held = Held(["Rain in the north.", {"title": "Snow in the south"}])
    >>> list(held.texts(np.array([1, 0])))
    [b'Snow in the south', b'Rain in the north.']
    """

    def __init__(self, items: Iterable[object]) -> None:
        check_many("articles", items, "articles")
        self.articles = [Article(item) if isinstance(item, str) else Article.from_any(item) for item in items]

    def batches(self) -> Iterator[Batch]:
        """All of them, as columns."""
        return map(Batch.of, in_portions(self.articles, BATCH_BYTES, lambda article: len(article.compared)))

    def texts(self, rows: Rows) -> Iterator[bytes]:
        """What is compared of these rows, in UTF-8."""
        return (to_utf8(self.articles[row].compared)[0] for row in rows.tolist())

    @staticmethod
    def place_of(row: int) -> str:
        """Where an article stands, counted from 1."""
        return str(row + 1)

"""Look-alikes among many pairs: texts that differ enough are read again, and what differs is counted by a kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedup.match.differing import CELLS
from dedup.match.lookalikes import DEFAULTS, UNKNOWN, Cues, Differences, corrects, grounds, may_hold
from dedup.storage import MEMORY
from dedup.text.columns import TextColumn, WordTable, code_column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from dedup.kernels.types import Hashes, Rows, Table64
    from dedup.match.exact import ReadTexts
    from dedup.storage import Storage
    from dedup.workers import Workers

_BATCH_BYTES = 1 << 20
_PAIRS_PER_THREAD = 1024
_PAIRS_AT_ONCE = 1 << 16


class Known(NamedTuple):
    """What is known of the articles of a run, one entry for each.

    Attributes
    ----------
    n_words : ndarray of int64
        Words of what is compared, at least.
    figures : ndarray of uint64 of shape (n_articles, 4)
        Numbers of the whole text.
    altered : ndarray of bool
        Whether less than that is compared.
    left_out : ndarray of uint64 of shape (4,)
        Numbers that may be absent from what is.
    titles : sequence of bytes
        In UTF-8, empty without one.
    published : ndarray of float64
        Epoch seconds, NaN for undated.
    read_texts : ReadTexts
        Reads what is compared again.
    storage : Storage, optional
        Where the words of the texts that are looked at lie.
    """

    n_words: Rows
    figures: Table64
    altered: NDArray[np.bool_]
    left_out: Hashes
    titles: Sequence[bytes]
    published: NDArray[np.float64]
    read_texts: ReadTexts
    storage: Storage = MEMORY


class Likeness(NamedTuple):
    """How alike the texts of each pair are; int64 arrays as in :class:`dedup.match.lookalikes.Differences`."""

    contained: Rows
    intact: Rows


class Pages(NamedTuple):
    """What is looked at of some articles, one entry for each.

    Attributes
    ----------
    texts, titles : WordTable
        Words of what is compared, and of the titles.
    figures : ndarray of uint64 of shape (n_articles, 4)
        Numbers of what is compared.
    title_of : callable
        Title of an article, in UTF-8.
    published : ndarray of float64
        Epoch seconds, NaN for undated.
    """

    texts: WordTable
    figures: Table64
    titles: WordTable
    title_of: Callable[[int], bytes]
    published: NDArray[np.float64]


def find_templates(
    known: Known,
    lefts: Rows,
    rights: Rows,
    alike: tuple[Rows, Rows],
    workers: Workers,
    cues: Cues = DEFAULTS,
) -> NDArray[np.bool_]:
    """Which pairs of similar articles are look-alikes; equal to :func:`dedup.match.lookalikes.look` of each.

    Parameters
    ----------
    known : Known
        All articles.
    lefts, rights : ndarray of int64 of shape (n_pairs,)
        Rows of pairs that are near by their scores.
    alike : tuple of two ndarrays of int64 of shape (n_pairs,)
        Containment and intactness of each pair.
    workers : Workers
        On which texts are coded and pairs are counted.
    cues : Cues, optional
        From where on they are look-alikes.

    Returns
    -------
    ndarray of bool of shape (n_pairs,)

    Notes
    -----
    A pair is looked at only if some ground may hold: that can be told by its likeness and its titles for most copies.
    The texts of the others are read again once, all in one pass; 4 bytes for each of their words.
    """
    likeness = Likeness(*alike)
    doubtful = _doubtful(known, lefts, rights, likeness, cues)
    found = np.zeros(len(lefts), np.bool_)
    if not len(doubtful):
        return found
    rows = np.unique([lefts[doubtful], rights[doubtful]])
    pages = _open_pages(known, rows, workers)

    def judge(span: slice) -> NDArray[np.bool_]:
        pairs = doubtful[span]
        one, other = np.searchsorted(rows, lefts[pairs]), np.searchsorted(rows, rights[pairs])
        return templates_among(pages, one, other, Likeness(*(values[pairs] for values in likeness)), cues)

    spans = workers.spans(len(doubtful), _PAIRS_PER_THREAD, _PAIRS_AT_ONCE)
    found[doubtful] = np.concatenate(list(workers.map_in_order(judge, spans)))
    return found


def _doubtful(known: Known, lefts: Rows, rights: Rows, likeness: Likeness, cues: Cues) -> Rows:
    """Places of the pairs for which some ground may hold, by what is known without the texts."""
    found = [np.empty(0, np.int64)]
    for start in range(0, len(lefts), _PAIRS_AT_ONCE):
        some = slice(start, start + _PAIRS_AT_ONCE)
        alike = Likeness(*(values[some] for values in likeness))
        found.append(start + np.flatnonzero(_are_doubtful(known, lefts[some], rights[some], alike, cues)))
    return np.concatenate(found)


def _are_doubtful(
    known: Known, lefts: Rows, rights: Rows, likeness: Likeness, cues: Cues
) -> NDArray[np.bool_]:
    """Whether some ground may hold for each pair."""
    from dedup.kernels.differing import compare_titles  # noqa: PLC0415 - numba takes 0.3 s

    rows = np.unique([lefts, rights])
    titles = code_column(TextColumn.of([known.titles[row] for row in rows.tolist()]))
    counts = np.empty((len(lefts), 3), np.int64)
    compare_titles(*titles, np.searchsorted(rows, lefts), np.searchsorted(rows, rights), counts)
    words = np.minimum(known.n_words[lefts], known.n_words[rights])
    own = _own_of_both(known, lefts, rights)
    found = Differences.of_likeness(words, counts.T, (*likeness, own))
    either: NDArray[np.bool_] = np.logical_or.reduce(list(may_hold(found, cues).values()))
    return either


def _own_of_both(known: Known, lefts: Rows, rights: Rows) -> Rows:
    """Numbers that one text of each pair alone has, of the text that has fewer; at most, for those left out may be absent."""
    figures = [known.figures[rows] for rows in (lefts, rights)]
    certain = [
        mine & ~np.where(known.altered[rows][:, None], known.left_out, np.uint64(0))
        for mine, rows in zip(figures, (lefts, rights), strict=True)
    ]
    return _fewer(figures[0] & ~certain[1], figures[1] & ~certain[0])


def _fewer(lefts: Table64, rights: Table64) -> Rows:
    """How many bits are set in the one of two rows that has fewer."""
    fewer: Rows = np.minimum(
        *(np.bitwise_count(side).sum(axis=1, dtype=np.int64) for side in (lefts, rights))
    )
    return fewer


def set_figures_of(words: WordTable) -> Table64:
    """Numbers of coded texts, uint64 of shape (n_texts, 4): :func:`dedup.text.shingling.set_figures` of each."""
    figures = np.zeros((len(words.indptr) - 1, 4), np.uint64)
    _set_figures(words, figures)
    return figures


def _set_figures(words: WordTable, figures: Table64) -> None:
    from dedup.kernels.differing import set_bits  # noqa: PLC0415 - numba takes 0.3 s

    set_bits(*words, figures)


def _open_pages(known: Known, rows: Rows, workers: Workers) -> Pages:
    """Read articles again and code their words, batch by batch while reading goes on."""
    texts = _code(_columns(known.read_texts(rows)), workers, known.storage)
    figures = known.storage.empty((len(rows), 4), np.uint64)
    figures[:] = 0
    _set_figures(texts, figures)
    titles = (known.titles[row] for row in rows.tolist())
    return Pages(
        texts,
        figures,
        _code(_columns(titles), workers, known.storage),
        lambda place: known.titles[rows[place]],
        known.published[rows],
    )


def _code(columns: Iterator[TextColumn], workers: Workers, storage: Storage) -> WordTable:
    """Words of texts that come in columns."""
    counts, codes = storage.appender(np.int64), storage.appender(np.uint32)
    for part in workers.map_in_order(code_column, columns):
        counts.append(np.diff(part.indptr))
        codes.append(part.codes)
    return WordTable(np.concatenate([[0], np.cumsum(counts.finish())]), codes.finish())


def _columns(texts: Iterator[bytes]) -> Iterator[TextColumn]:
    batch: list[bytes] = []
    size = 0
    for text in texts:
        batch.append(text)
        size += len(text)
        if size >= _BATCH_BYTES:
            yield TextColumn.of(batch)
            batch, size = [], 0
    if batch:
        yield TextColumn.of(batch)


def templates_among(
    pages: Pages,
    lefts: Rows,
    rights: Rows,
    likeness: Likeness,
    cues: Cues = DEFAULTS,
) -> NDArray[np.bool_]:
    """Which pairs of pages are look-alikes."""
    found = count_many(pages, lefts, rights, likeness)
    held = grounds(found, cues)
    for pair in np.flatnonzero(held["numbers"]).tolist():  # few, so titles are read only where it matters
        one, other = (pages.title_of(place).decode() for place in (lefts[pair], rights[pair]))
        held["numbers"][pair] = not corrects(one, other)
    either: NDArray[np.bool_] = np.logical_or.reduce(list(held.values()))
    return either


def count_many(pages: Pages, lefts: Rows, rights: Rows, likeness: Likeness) -> Differences:
    """What differs in each pair of pages; whether one is a correction is left open.

    Notes
    -----
    About 10 microseconds for a pair of news articles; the interpreter lock is released.
    """
    from dedup.kernels.differing import N_COUNTS, count_differences  # noqa: PLC0415 - numba takes 0.3 s

    longest = int(np.diff(pages.texts.indptr).max(initial=0))
    room = (
        np.empty(8 * longest + 16, np.uint64),
        np.empty((2, 8 * longest + 16), np.int64),
        np.empty(longest, np.int64),
        np.empty(2 * CELLS + 2, np.int64),
    )
    counts = np.empty((len(lefts), N_COUNTS), np.int64)
    one, other = pages.figures[lefts], pages.figures[rights]
    own = _fewer(one & ~other, other & ~one)
    arguments: tuple[Any, ...] = (*pages.texts, *pages.titles, lefts, rights, *room, counts)
    count_differences(*arguments)
    seconds = np.abs(pages.published[lefts] - pages.published[rights])
    hours = np.where(np.isnan(seconds), UNKNOWN, seconds // 3600).astype(np.int64)
    corrected = np.zeros(len(lefts), np.int64)
    return Differences._make([*counts.T, *likeness, own, hours, corrected])

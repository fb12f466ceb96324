"""Reused passages of a run: what the texts of different clusters share, and every article where it stands.

Clusters are represented by their leaders. The passage index proposes pairs of leaders, texts are read again, pairs are
aligned, and what is found is gathered on the earlier text of each pair. Only then are the members of the clusters
looked at, each for the passages of its leader.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict, deque
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.article import Occurrence, ReusedPassage
from dedup.index.passages import WINDOW, propose, share, winnow
from dedup.match.passages import LEAST_WORDS, Words, passages_of
from dedup.match.similarity import fullest_runs
from dedup.match.verification import Verifier
from dedup.pair import RELATIONS, Span
from dedup.text.shingling import hash_word, hash_words
from dedup.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from dedup.index.passages import SharedPrints
    from dedup.kernels.types import Hashes, Rows
    from dedup.match.exact import ReadTexts
    from dedup.match.relation import Limits
    from dedup.result import Partition
    from dedup.text.columns import ShingleTable

#: Words of a shingle, and how many of the shingles of a shortest passage edits leave at least.
_WIDTH, _LEFT = 5, 0.4
#: Places of a stretch that a text holds over and over, for each in the shorter: the others are found with the line.
_PLACES = 4
#: Pairs, or articles, whose texts are held in memory at once.
_BLOCK = 4096


class Dump(NamedTuple):
    """The articles of a run, as this file needs them, an entry for each.

    Attributes
    ----------
    table : ShingleTable
        Of their texts.
    partition : Partition
        Their clusters.
    published : ndarray of float64
        Epoch seconds, NaN for undated.
    sources : sequence of str or None
        Who published it.
    read_texts : callable
        Reads the texts of ascending rows again.
    """

    table: ShingleTable
    partition: Partition
    published: NDArray[np.float64]
    sources: Sequence[str | None]
    read_texts: ReadTexts


class _Shared(NamedTuple):
    """A stretch of a leader's text that another leader's text holds, and its words."""

    span: Span
    other: int
    words: Sequence[str]


class _Line(NamedTuple):
    """A stretch of a leader's text, and the leaders whose texts hold most of it."""

    leader: int
    span: Span
    words: Sequence[str]
    others: Sequence[int]


class _Found(NamedTuple):
    """A place of a stretch: its key in the order of occurrences, and what was found there."""

    published: float
    id: str
    span: Span
    row: int
    n_words: int
    similarity: float
    text: str


def find_reuse(
    dump: Dump, limits: Limits, *, least_words: int = LEAST_WORDS, boilerplate: Hashes | None = None
) -> tuple[ReusedPassage, ...]:
    """Find the passages that clusters share.

    Parameters
    ----------
    dump : Dump
        Articles and their clusters.
    limits : Limits
        For the relations of the articles.
    least_words : int, default=20
        Words of the shortest passage.
    boilerplate : ndarray of uint64, optional
        Shingles that are no news.

    Returns
    -------
    tuple of ReusedPassage
        In the order of their first occurrences.

    Notes
    -----
    Stretches are gathered on the earlier text of a pair. The longest is a line of its own; another belongs to it if
    each covers two thirds of the other, else it is a line too. A line never grows by what belongs to it, so it can't
    drift. An article stands on each line of which it holds three fifths of the words.
    """
    leaders = _order_leaders(dump)
    n_shingles = max(least_words - _WIDTH + 1, 1)
    groups = dump.partition.groups  # equal texts have their shingles in one row of the table
    prints = winnow(dump.table, groups[leaders], min(WINDOW, n_shingles))
    shared = share(prints, _number_sources(dump, leaders), boilerplate)
    pairs = leaders[propose(prints, shared)]
    pairs = pairs[fullest_runs(dump.table, *groups[np.ascontiguousarray(pairs.T)]) >= _LEFT * n_shingles]
    place_of = np.empty(len(dump.partition.groups), np.int64)
    place_of[leaders] = np.arange(len(leaders))
    lines: list[_Line] = []
    for leader, passages in _align_pairs(dump, pairs, shared, place_of, least_words).items():
        lines += _gather(leader, passages)
    found = _locate(dump, lines, least_words)
    return _report(dump, limits, found)


def _order_leaders(dump: Dump) -> Rows:
    """Leaders that have a word, those of the earliest clusters first, then as they led."""
    earliest = np.full(len(dump.partition.groups), np.inf)
    moments = np.where(np.isnan(dump.published), np.inf, dump.published)
    np.minimum.at(earliest, dump.partition.leaders, moments)
    leaders = np.unique(dump.partition.leaders)
    leaders = leaders[dump.table.n_words[leaders] > 0]
    n_words, text_hashes = dump.table.n_words[leaders], dump.table.text_hashes[leaders]
    return leaders[np.lexsort((text_hashes, -n_words, earliest[leaders]))]


def _number_sources(dump: Dump, leaders: Rows) -> Rows:
    """A number for the source of each leader, -1 where it is not known."""
    numbers: dict[str, int] = {}
    names = (dump.sources[row] for row in leaders.tolist())
    return np.array(
        [-1 if name is None else numbers.setdefault(name, len(numbers)) for name in names], np.int64
    )


def _align_pairs(
    dump: Dump, pairs: Rows, shared: SharedPrints, place_of: Rows, least_words: int
) -> dict[int, list[_Shared]]:
    """What each leader that is a head shares with others."""
    found: dict[int, list[_Shared]] = defaultdict(list)
    texts: dict[int, Words] = {}
    for begin in range(0, len(pairs), _BLOCK):
        block = pairs[begin : begin + _BLOCK]
        texts = _read_words(dump, np.unique(block), texts)
        for head, other in block.tolist():
            passages = passages_of(texts[head], texts[other], least_words=least_words, most_places=_PLACES)
            for place in _apart([passage.other for passage in passages]):
                passage = passages[place]
                words = _words_in(texts[head], passage.one)
                if _tells(words, shared, int(place_of[head])):
                    found[head].append(_Shared(passage.one, other, words))
    return found


def _read_words(dump: Dump, rows: Rows, known: dict[int, Words]) -> dict[int, Words]:
    """Texts of ascending rows, tokenised; those not known from the block before are read again."""
    texts = {row: known[row] for row in rows.tolist() if row in known}
    absent = [row for row in rows.tolist() if row not in known]
    for row, text in zip(absent, dump.read_texts(np.array(absent, np.int64)), strict=True):
        texts[row] = Words.of(text.decode()).packed()
    return texts


def _words_in(text: Words, span: Span) -> Sequence[str]:
    return text.words[bisect_left(text.starts, span.start) : bisect_right(text.stops, span.stop)]


def _tells(words: Sequence[str], shared: SharedPrints, head: int) -> bool:
    """Whether a passage is this head's to report, and no boilerplate.

    A quarter of its shared fingerprints must not be common and have this text as their head; else the passage is
    reported with the text that came before, or not at all.
    """
    hashes = [hash_word(word.encode()) for word in words]
    shingles = [hash_words(hashes[k : k + _WIDTH]) for k in range(max(len(hashes) - _WIDTH + 1, 1))]
    found = shared.find(np.unique(np.array(shingles, np.uint64)))
    telling = int(((found.heads == head) & ~found.common).sum())
    return telling > 0 and 4 * telling >= len(found.hashes)


def _gather(leader: int, passages: Sequence[_Shared]) -> list[_Line]:
    """Lines of one text: its longest stretches, each with all texts that hold most of it.

    Who holds two thirds of a stretch holds its middle, so a sweep over the middles need look at those only.
    """
    waiting = deque(sorted(passages, key=lambda shared: shared.span))
    open_now: list[_Shared] = []
    lines = []
    for span, words in sorted(_anchor(passages), key=lambda anchor: anchor[0].start + anchor[0].stop):
        middle = (span.start + span.stop) // 2
        while waiting and waiting[0].span.start <= middle:
            open_now.append(waiting.popleft())
        open_now = [shared for shared in open_now if shared.span.stop > middle]
        lines.append(
            _Line(leader, span, words, [one.other for one in open_now if _covers_most(one.span, span)])
        )
    return lines


def _anchor(passages: Sequence[_Shared]) -> Iterator[tuple[Span, Sequence[str]]]:
    """Stretches of one text that make a line: no two cover most of each other, or are the same words twice."""
    seen = set()
    for place in _apart([shared.span for shared in passages]):
        span, _, words = passages[place]
        if tuple(words) not in seen:
            seen.add(tuple(words))
            yield span, words


def _apart(spans: Sequence[Span]) -> list[int]:
    """Which spans to take if no two may cover most of each other: the longest first, of such the first."""
    starts: list[int] = []
    taken: list[Span] = []
    places = []
    for place in sorted(range(len(spans)), key=lambda place: (-_length(spans[place]), spans[place], place)):
        span = spans[place]
        first = bisect_left(starts, span.start - 2 * _length(span))
        last = bisect_right(starts, span.stop)
        if not any(_covers_most(one, span) and _covers_most(span, one) for one in taken[first:last]):
            at = bisect_right(starts, span.start)
            starts.insert(at, span.start)
            taken.insert(at, span)
            places.append(place)
    return places


def _length(span: Span) -> int:
    return span.stop - span.start


def _covers_most(one: Span, other: Span) -> bool:
    """Whether one stretch covers two thirds of the other at least."""
    return 3 * (min(one.stop, other.stop) - max(one.start, other.start)) >= 2 * _length(other)


def _locate(dump: Dump, lines: Sequence[_Line], least_words: int) -> list[list[_Found]]:
    """Where each line stands, in all articles of its clusters, earliest first."""
    members: dict[int, list[int]] = defaultdict(list)
    for row, leader in enumerate(dump.partition.leaders.tolist()):
        members[leader].append(row)
    wanted: dict[int, list[int]] = defaultdict(list)
    for number, line in enumerate(lines):
        for leader in {line.leader, *line.others}:
            for row in members[leader]:
                wanted[row].append(number)
    found: list[list[_Found]] = [[] for _ in lines]
    rows = np.array(sorted(wanted), np.int64)
    for begin in range(0, len(rows), _BLOCK):
        block = rows[begin : begin + _BLOCK]
        for row, data in zip(block.tolist(), dump.read_texts(block), strict=True):
            text = data.decode()
            words = Words.of(text, often=len(wanted[row]) > 1)
            for number in wanted[row]:
                found[number] += _find_in(dump, row, text, words, lines[number].words, least_words)
    return [sorted(places) for places in found]


def _find_in(
    dump: Dump, row: int, text: str, words: Words, stretch: Sequence[str], least_words: int
) -> Iterator[_Found]:
    """Places in one article that hold three fifths of the words of a stretch at least."""
    published = float(dump.published[row])
    moment = np.inf if np.isnan(published) else published
    numbers = range(len(stretch))
    for passage in passages_of(Words(stretch, numbers, numbers), words, least_words=least_words):
        if 5 * passage.n_words >= 3 * len(stretch):
            span = passage.other
            yield _Found(
                moment,
                dump.partition.ids[row],
                span,
                row,
                passage.n_words,
                passage.similarity,
                text[span.start : span.stop],
            )


def _report(dump: Dump, limits: Limits, found: Iterable[list[_Found]]) -> tuple[ReusedPassage, ...]:
    """Lines as they are reported: those that stand in several clusters, in the order of their first articles.

    The text is that of the place with most of the words, the earliest of such.
    """
    leaders = dump.partition.leaders
    lines = sorted(places for places in found if len({int(leaders[place.row]) for place in places}) > 1)
    relations = iter(_relations(dump, limits, lines))
    return tuple(
        ReusedPassage(
            fullest.text,
            fullest.n_words,
            tuple(
                Occurrence(
                    place.id,
                    dump.partition.ids[dump.partition.kept[place.row]],
                    place.span,
                    place.similarity,
                    RELATIONS[code] if place.row != line[0].row else None,
                )
                for place, code in zip(line, relations, strict=False)
            ),
        )
        for line in lines
        for fullest in (max(line, key=lambda place: (place.n_words, place.similarity)),)
    )


def _relations(dump: Dump, limits: Limits, lines: Sequence[list[_Found]]) -> list[int]:
    """What the article of each place is to the first one of its line, as places in ``RELATIONS``."""
    firsts = np.array([line[0].row for line in lines for _ in line], np.int64)
    rows = np.array([place.row for line in lines for place in line], np.int64)
    lefts, rights = dump.partition.groups[firsts], dump.partition.groups[rows]
    verdicts = Verifier(dump.table, limits, Workers(1)).verdicts(lefts, rights, passage=True)
    return [int(code) for code in verdicts.relations]

"""Blocks: boilerplate that is no line of its own, but part of one; learnt from shingles that recur.

A page scraped without its line feeds has the news and what the publisher prints below it in one line. Some shingles
are sampled, by their value, so the same ones everywhere; one that stands in many texts is the seed of a block, which
reaches as far as most of these texts agree. Whether they are different articles or one story, is told by what each has
beside all blocks. See docs/decisions/0016-boilerplate-inside-lines.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedup.article import Boilerplate
from dedup.mapped import map_of, take_ranges
from dedup.match.boilerplate import PART, VALUES, Recurrence, count_different, group_entries, in_parts
from dedup.match.context import BLOCK_WORDS
from dedup.match.leaving_out import leave_out, take_texts
from dedup.storage import MEMORY
from dedup.text.columns import spans_of
from dedup.text.shingling import hash_word, hash_words
from dedup.text.tokens import tokenise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from dedup.kernels.types import Hashes, Rows, Signatures
    from dedup.match.boilerplate import Groups
    from dedup.match.exact import ReadTexts
    from dedup.storage import Storage
    from dedup.text.columns import ShingleTable

    Sign = Callable[[ShingleTable, Rows], Signatures]

#: Shingles in a row that are a text's own: two words changed close together make fewer.
OWN = 16
#: Articles of one host, on average, from which on what many hosts print is boilerplate and no wire story.
PER_HOST = 3
_SAMPLED = 1 << 19  # shingles of which all are seeds; of more, a half, a quarter, down to a sixteenth
_FEWEST_BITS = 4
_BIN_BITS, _MOST_BIN_BITS = 20, 25
_WITNESSES = 8  # texts that are asked how far a block reaches
_AGREEING = 6  # of them
_SURVEYED = 64  # texts that are asked what else they have in common
_REACH = 2 * OWN  # shingles before and behind a seed that are looked at first
_AT_ONCE = 1 << 22  # shingles of texts that are in memory at once


class Block(NamedTuple):
    """A stretch of shingles that recurs.

    Attributes
    ----------
    shingles : ndarray of uint64
        In the order of the text.
    host : int
        Number of the host that it recurs on, -1 for the whole dump.
    row : int
        An article that it stands in.
    articles : int
        Different articles it stands in.
    """

    shingles: Hashes
    host: int
    row: int
    articles: int


class Dump(NamedTuple):
    """What blocks are learnt from.

    Attributes
    ----------
    table : ShingleTable
        Shingles of all articles.
    rows : ndarray of int64 of shape (n_texts,)
        Articles with distinct texts.
    hosts : ndarray of int64 of shape (n_articles,)
        Number of each article's host, -1 where it is not known.
    signatures : ndarray of uint32 of shape (n_texts, at least VALUES)
        Of the texts as wholes.
    known : ndarray of uint64
        Shingles that are known to be boilerplate.
    storage : Storage
        Where the shingles that are looked at lie.
    """

    table: ShingleTable
    rows: Rows
    hosts: Rows
    signatures: Signatures
    known: Hashes
    storage: Storage = MEMORY


def find_blocks(dump: Dump, sign: Sign, recurrence: Recurrence | None = None) -> list[Block]:
    """Find the stretches of text that recur over many different articles of a host, or of the dump.

    Parameters
    ----------
    dump : Dump
        Its table is not changed.
    sign : callable
        Signs rows of a table by eight values or more; called only if something recurs.
    recurrence : Recurrence, optional
        From when on a block is boilerplate.

    Returns
    -------
    list of Block
        Those of the dump before those of hosts, which they leave out.

    Notes
    -----
    About 2 microseconds for each article; what recurs takes as much again as it takes to sign it. What it finds does
    not depend on the order of the articles, only on that of `dump.rows`.
    """
    rule = recurrence or Recurrence()
    hashes, texts = _sample(dump)
    hosts = dump.hosts[dump.rows]
    nowhere = np.zeros(len(hosts), np.int64)
    least = int(min(max(rule.dump_articles, rule.dump_share * len(hosts)), _most(rule, len(hosts))))

    def seeds_on(numbers: Rows, scope: tuple[int, float, int]) -> Iterator[_Seed]:
        often = _often(hashes, texts, numbers, scope[0], dump.storage)
        parts = _in_parts(hashes, texts, often, dump.storage)
        of_host = numbers - (numbers is nowhere)
        return _seeds((group_entries(line, text, of_host, *scope) for line, text in parts), dump.known)

    seeds = (
        seeds_on(nowhere, (least, 0.0, least)),
        seeds_on(hosts, (rule.articles, rule.share, rule.articles)),
    )
    candidates = [candidate for found in seeds for candidate in _grow(dump, found)]
    return _judge(dump, candidates, sign, rule) if candidates else []


def _most(rule: Recurrence, n_texts: int) -> int:
    """Different articles of so many texts that suffice, whoever prints them."""
    return max(rule.dominant, (n_texts + 1) // 2)


def _often(hashes: Hashes, texts: Rows, hosts: Rows, least: int, storage: Storage) -> Rows:
    """Places of the shingles that so many texts of a host may have."""
    from dedup.kernels.overlap import find_often  # noqa: PLC0415 - not needed for one pair

    often = storage.empty(len(hashes), np.int64)
    bits = min(max(_BIN_BITS, (len(hashes) // 2).bit_length()), _MOST_BIN_BITS)  # a bin each, about
    return often[: find_often(hashes, texts, hosts, least, np.empty(1 << bits, np.uint32), often)]


def _in_parts(hashes: Hashes, texts: Rows, often: Rows, storage: Storage) -> Iterator[tuple[Hashes, Rows]]:
    """Shingles at these places and their texts; if they are many, in parts."""
    if len(often) <= PART:
        yield hashes[often], texts[often]
        return
    some = (often[start : start + PART] for start in range(0, len(often), PART))
    yield from in_parts(((hashes[places], texts[places]) for places in some), len(often), storage)


def _sample(dump: Dump) -> tuple[Hashes, Rows]:
    """Shingles of the texts that are looked at, and the place of the text of each."""
    from dedup.kernels.overlap import sample_rows  # noqa: PLC0415 - not needed for one pair

    sizes = dump.table.sizes[dump.rows]
    bits = min(max(int(sizes.sum()) // _SAMPLED, 0).bit_length(), _FEWEST_BITS)
    hashes, texts = dump.storage.appender(np.uint64), dump.storage.appender(np.int64)
    ascending = np.argsort(dump.rows)  # as they lie in the table
    for span in spans_of(sizes[ascending], _AT_ONCE):
        some = ascending[span]
        total = int(sizes[some].sum())
        sampled, places = np.empty(total, np.uint64), np.empty(total, np.int64)
        rows = dump.rows[some]
        found = sample_rows(dump.table.indptr, dump.table.hashes, rows, (1 << bits) - 1, sampled, places)
        hashes.append(sampled[:found])
        texts.append(some[places[:found]])
    return hashes.finish(), texts.finish()


class _Seed(NamedTuple):
    """A shingle that recurs, the host, and the places of the texts that have it."""

    shingle: int
    host: int
    texts: Rows


def _seeds(parts: Iterable[Groups], known: Hashes) -> Iterator[_Seed]:
    """Groups that are large enough, the largest first."""
    found: list[_Seed] = []
    for groups in parts:
        sizes = np.diff(np.append(groups.starts, len(groups.group)))
        shingles, hosts = groups.line[groups.starts], groups.host[groups.starts]
        enough = np.flatnonzero(sizes >= groups.least)
        enough = enough[~np.isin(shingles[enough], known)]
        for place in enough.tolist():
            start = int(groups.starts[place])
            texts = groups.text[start : start + int(sizes[place])].copy()  # not all that stood beside them
            found.append(_Seed(int(shingles[place]), int(hosts[place]), texts))
    yield from sorted(found, key=lambda seed: (-len(seed.texts), seed.host, seed.shingle))


class _Candidate(NamedTuple):
    """A stretch that recurs, all that is common to its texts, the host, a text that has it, and all that do."""

    shingles: Hashes
    common: Hashes
    host: int
    text: int
    texts: Rows


def _grow(dump: Dump, seeds: Iterator[_Seed]) -> Iterator[_Candidate]:
    """Stretches about the seeds; what lies in a stretch of its host that is there already is no seed any more."""
    known = frozenset(dump.known.tolist())
    seen: dict[int, set[int]] = {}
    for seed in seeds:
        covered = seen.setdefault(seed.host, set())
        if seed.shingle in covered:
            continue
        covered.add(seed.shingle)
        shingles = _stretch(dump, seed, known)
        covered.update(shingles)
        if len(shingles) > BLOCK_WORDS - 5:
            stretch, common = np.array(shingles, np.uint64), _common(dump, seed.texts)
            yield _Candidate(stretch, common, seed.host, int(seed.texts[0]), seed.texts)


def _stretch(dump: Dump, seed: _Seed, known: frozenset[int]) -> list[int]:
    """Shingles of the first text about the seed, as far as most of some texts have them."""
    chosen = np.linspace(0, len(seed.texts) - 1, min(_WITNESSES, len(seed.texts))).astype(np.int64)
    rows = _rows(dump.table, dump.rows[seed.texts[chosen]])
    needed = len(rows) * _AGREEING // _WITNESSES - 1
    places = [int(np.flatnonzero(row == np.uint64(seed.shingle))[0]) for row in rows]
    reach = _REACH  # most seeds are four shingles that lead from the news into a line: little is looked at
    while True:
        windows = [
            row[max(place - reach, 0) : place + reach + 1] for row, place in zip(rows, places, strict=True)
        ]
        grams: list[list[int]] = [window.tolist() for window in windows]
        first, *others = grams
        start, stop = _agreed(first, min(places[0], reach), [set(other) for other in others], needed, known)
        if reach >= max(map(len, rows)) or (stop - start < reach):
            return first[start:stop]
        reach = max(map(len, rows))


def _agreed(
    first: list[int], place: int, others: list[set[int]], needed: int, known: frozenset[int]
) -> tuple[int, int]:
    """Where the stretch about a place begins and ends that enough others have, and that is not known."""

    def agrees(shingle: int) -> bool:
        return shingle not in known and sum(shingle in other for other in others) >= needed

    start, stop = place, place + 1
    while start > 0 and agrees(first[start - 1]):
        start -= 1
    while stop < len(first) and agrees(first[stop]):
        stop += 1
    return start, stop


def _common(dump: Dump, texts: Rows) -> Hashes:
    """Shingles that a quarter of these texts have, three at least: what a template has beside its longest stretch."""
    chosen = np.linspace(0, len(texts) - 1, min(_SURVEYED, len(texts))).astype(np.int64)
    rows = _rows(dump.table, dump.rows[texts[chosen]])
    shingles, counts = np.unique(np.concatenate(rows), return_counts=True)
    return shingles[counts >= max(3, len(rows) // 4)]


def _rows(table: ShingleTable, rows: Rows) -> list[Hashes]:
    """Shingles of some texts; of a file they are read, see :func:`dedup.mapped.take_ranges`."""
    starts, stops = table.indptr[rows], table.indptr[rows + 1]
    if map_of(table.hashes) is None:
        return [table.hashes[start:stop] for start, stop in zip(starts.tolist(), stops.tolist(), strict=True)]
    return np.split(take_ranges(table.hashes, starts, stops), np.cumsum(stops - starts)[:-1])


def _judge(dump: Dump, candidates: list[_Candidate], sign: Sign, rule: Recurrence) -> list[Block]:
    """The candidates whose texts are different articles by what they have beside what is common."""
    texts = np.unique(np.concatenate([candidate.texts for candidate in candidates]))
    common = [shingles for candidate in candidates for shingles in (candidate.shingles, candidate.common)]
    left_out = np.unique(np.concatenate([dump.known, *common]))
    own, values = _beside(dump, texts, left_out, sign)
    hosts = dump.hosts[dump.rows]
    of_host = np.bincount(hosts + 1)
    found: list[Block] = []
    covered: set[int] = set()  # by blocks of the whole dump, which come first
    for candidate in candidates:
        places = np.searchsorted(texts, candidate.texts)
        places = places[own[places]]
        if 2 * len(places) < len(candidate.texts) or int(candidate.shingles[0]) in covered:
            continue
        different = _count(values[places])
        if candidate.host >= 0:
            enough = different >= max(rule.articles, rule.share * int(of_host[candidate.host + 1]))
        else:
            enough = _is_everywhere(dump, hosts, candidate, different, rule)
        if enough:
            covered.update(candidate.shingles.tolist() if candidate.host < 0 else ())
            found.append(Block(candidate.shingles, candidate.host, int(dump.rows[candidate.text]), different))
    return found


def _is_everywhere(dump: Dump, hosts: Rows, candidate: _Candidate, different: int, rule: Recurrence) -> bool:
    """Whether so many different articles of the dump have a stretch that it is no wire story.

    A story that many outlets print, each with something of its own, looks like a block. A host prints it once; where
    the hosts are not known, the articles must be different as wholes, or be half of all
    and so short beside the stretch that it would link them.
    """
    half = np.median(dump.table.sizes[dump.rows[candidate.texts]]) / 2
    if different >= _most(rule, len(hosts)) and len(candidate.shingles) >= half:
        return True
    least = max(rule.dump_articles, rule.dump_share * len(hosts))
    known = np.unique(hosts[candidate.texts])
    if known[0] >= 0:
        return different >= max(least, PER_HOST * len(known))
    return different >= least and _count(dump.signatures[candidate.texts]) >= least


def _count(values: Signatures) -> int:
    return int(count_different(np.zeros(len(values), np.int64), values[:, :VALUES])[0])


def _beside(dump: Dump, texts: Rows, left_out: Hashes, sign: Sign) -> tuple[NDArray[np.bool_], Signatures]:
    """Whether each text has a stretch of its own beside what is left out, and what it is then signed by."""
    from dedup.kernels.overlap import span_others  # noqa: PLC0415 - not needed for one pair

    rows = dump.rows[texts]
    slots = np.empty(1 << (16 * len(left_out)).bit_length(), np.uint64)
    longest, values = np.empty(len(rows), np.int64), np.empty((len(rows), VALUES), np.uint32)
    for span in spans_of(dump.table.sizes[rows], _AT_ONCE):
        table = take_texts(dump.table, rows[span])
        places = np.arange(len(table.n_words))
        marks = np.empty(1 << 10, np.uint64)
        span_others(table.indptr, table.hashes, places, left_out, marks, slots, longest[span])
        values[span] = sign(leave_out(table, left_out), places)[:, :VALUES]
    return longest >= OWN, values


def read_blocks_again(blocks: Sequence[Block], read_texts: ReadTexts, width: int) -> list[str]:
    """Text of each block, out of the article that it stands in."""
    rows = np.unique(np.array([block.row for block in blocks], np.int64))
    texts = dict(zip(rows.tolist(), (text.decode() for text in read_texts(rows)), strict=True))
    return [_cut(texts[block.row], block.shingles, width) for block in blocks]


def _cut(text: str, shingles: Hashes, width: int) -> str:
    """The stretch of a text from the first of these shingles to the last."""
    tokens = tokenise(text)
    hashes = [hash_word(token.text.encode()) for token in tokens]
    grams = [hash_words(hashes[place : place + width]) for place in range(len(hashes) - width + 1)]
    first, last = grams.index(int(shingles[0])), grams.index(int(shingles[-1]))
    return text[tokens[first].start : tokens[last + width - 1].end]


def describe_blocks(
    blocks: Sequence[Block], texts: Sequence[str], hosts: Sequence[str | None]
) -> tuple[Boilerplate, ...]:
    """What was found, as it is reported, the commonest first; `hosts` are those of all articles."""
    found = [
        Boilerplate(text, None if block.host < 0 else hosts[block.row], block.articles)
        for block, text in zip(blocks, texts, strict=True)
    ]
    return tuple(sorted(found, key=lambda item: (-item.articles, item.text, item.host or "")))

"""Boilerplate: lines that recur over many different articles of one host, learnt from the dump itself.

A line that stands in copies of one story is news, however often it is printed; so articles are counted as different
by values of their signatures, which copies share and different articles do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from dedup.article import Boilerplate
from dedup.text.columns import Lines, ShingleTable, TextColumn, line_hashes, shingle_column

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from dedup.kernels.types import Hashes, Rows, Signatures

#: Shortest line that is looked at, in bytes: about the five words of a shingle.
LEAST_BYTES = 24
VALUES = 8  # of a signature, by which articles are told apart
_BIN_BITS = 20
_BIN_SHIFT = np.uint64(64 - _BIN_BITS)
_HOST_FACTOR = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """From when on a line is boilerplate.

    Parameters
    ----------
    articles : int, default=8
        Different articles of a host that it stands in at least.
    share : float, default=0.02
        Share of the host's different articles that these are at least.
    dump_articles : int, default=40
        The same over the whole dump, whatever the hosts, or where there are none.
    dump_share : float, default=0.005
        Likewise.
    dominant : int, default=20
        A line so long that articles can't be told apart beside it is boilerplate all the same if so many, and half of
        all, have it and are different without it.
    """

    articles: int = 8
    share: float = 0.02
    dump_articles: int = 40
    dump_share: float = 0.005
    dominant: int = 20


class Recurring(NamedTuple):
    """Lines that are boilerplate, one entry for each; the commonest first.

    Attributes
    ----------
    hashes : ndarray of uint64
        The line.
    hosts : ndarray of int64
        Number of the host, -1 for the whole dump.
    articles : ndarray of int64
        Different articles it stands in.
    rows : ndarray of int64
        An article that it stands in.
    """

    hashes: Hashes
    hosts: Rows
    articles: Rows
    rows: Rows


class SignWithout(Protocol):
    """Signs texts without some of their lines."""

    def __call__(self, lines: Recurring, /) -> Signatures:
        """Signatures of all texts, of at least eight values each."""


def find_recurring(
    lines: Lines,
    hosts: Rows,
    texts: Rows,
    signatures: Signatures,
    sign_without: SignWithout,
    recurrence: Recurrence | None = None,
) -> Recurring:
    """Find the lines that recur over many different articles of a host, or of the dump.

    Parameters
    ----------
    lines : Lines
        Of all articles.
    hosts : ndarray of int64 of shape (n_articles,)
        Number of each article's host, -1 where it is not known.
    texts : ndarray of int64 of shape (n_texts,)
        Articles with distinct texts.
    signatures : ndarray of uint32 of shape (n_texts, num_perm)
        Of these.
    sign_without : SignWithout
        Called if there are lines beside which articles can't be told apart.
    recurrence : Recurrence, optional
        From when on a line is boilerplate.

    Returns
    -------
    Recurring

    Notes
    -----
    About a microsecond for each article. What it finds does not depend on the order of the articles.
    """
    rule = recurrence or Recurrence()
    line, text = _entries(lines, texts)
    hosts = hosts[texts]
    host = hosts[text]
    known = host >= 0
    within = group_entries(line[known], text[known], hosts, rule.articles, rule.share, rule.dominant)
    anywhere = group_entries(
        line, text, np.full(len(texts), -1), rule.dump_articles, rule.dump_share, rule.dominant
    )
    found = [
        np.concatenate(columns)
        for columns in zip(
            *(
                _recurring(groups, signatures, texts, sign_without, rule.dominant)
                for groups in (within, anywhere)
            ),
            strict=True,
        )
    ]
    order = np.lexsort((found[0], found[1], -found[2]))
    hashes, host, articles, first = (column[order] for column in found)
    return Recurring(hashes, host, articles, texts[first])


def _entries(lines: Lines, texts: Rows) -> tuple[Hashes, Rows]:
    """Each line of each text, and the place of the text."""
    counts = np.diff(lines.indptr)[texts]
    ends = np.cumsum(counts)
    text = np.repeat(np.arange(len(texts)), counts)
    return lines.hashes[np.arange(len(text)) + np.repeat(lines.indptr[texts] - ends + counts, counts)], text


class Groups(NamedTuple):
    """Entries (a line of a text) with one line and one host, sorted; and for each such group where it starts, and its limits."""

    line: Hashes
    host: Rows
    text: Rows
    group: Rows
    starts: Rows
    least: NDArray[np.float64]
    half: Rows


def group_entries(line: Hashes, text: Rows, hosts: Rows, least: int, share: float, dominant: int) -> Groups:
    """Group the entries whose line may be often; a line twice in one text counts once."""
    often = _are_often(line, hosts[text], min(least, dominant))
    line, text = line[often], text[often]
    host = hosts[text]
    order = np.lexsort((text, line, host))
    line, host, text = line[order], host[order], text[order]
    new = np.append(True, (line[1:] != line[:-1]) | (host[1:] != host[:-1]))[: len(line)]
    once = new | np.append(True, text[1:] != text[:-1])[: len(line)]
    line, host, text, group = line[once], host[once], text[once], np.cumsum(new)[once] - 1
    starts = np.flatnonzero(np.append(True, group[1:] != group[:-1])[: len(group)])
    n_texts = np.bincount(hosts + 1)[host[starts] + 1]  # of each host; those of unknown host stand first
    return Groups(line, host, text, group, starts, np.maximum(least, share * n_texts), (n_texts + 1) // 2)


def _recurring(
    groups: Groups, signatures: Signatures, texts: Rows, sign_without: SignWithout, dominant: int
) -> tuple[Hashes, Rows, Rows, Rows]:
    """Lines and hosts of the groups that are large enough, their different articles, and a text of each."""
    starts, text = groups.starts, groups.text
    different = count_different(groups.group, signatures[text, :VALUES])
    enough = different >= groups.least
    most = np.maximum(dominant, groups.half)
    doubtful = ~enough & (np.bincount(groups.group, minlength=len(starts)) >= most)
    if doubtful.any():
        first = starts[doubtful]
        lines = Recurring(groups.line[first], groups.host[first], different[doubtful], texts[text[first]])
        values = sign_without(lines)
        different[doubtful] = count_different(groups.group, values[text, :VALUES])[doubtful]
        enough |= doubtful & (different >= most)
    chosen = starts[enough]
    return groups.line[chosen], groups.host[chosen], different[enough], text[chosen]


def _are_often(line: Hashes, host: Rows, least: int) -> NDArray[np.bool_]:
    """Which entries have a line that may be often on its host, told by a count of some of the bits."""
    bins = ((line ^ host.astype(np.uint64) * _HOST_FACTOR) >> _BIN_SHIFT).astype(np.int64)
    often: NDArray[np.bool_] = np.bincount(bins, minlength=1 << _BIN_BITS)[bins] >= least
    return often


def count_different(group: Rows, values: Signatures) -> Rows:
    """How many different articles each group has: distinct values of a signature place, the median place counts."""
    n_groups = int(group.max(initial=-1)) + 1
    counts = np.zeros((values.shape[1], n_groups), np.int64)
    high = group.astype(np.uint64) << np.uint64(32)
    for place in range(values.shape[1]):
        pairs = np.sort(high | values[:, place])
        new = pairs[np.append(True, pairs[1:] != pairs[:-1])[: len(pairs)]]
        counts[place] = np.bincount((new >> np.uint64(32)).astype(np.int64), minlength=n_groups)
    median: Rows = np.sort(counts, axis=0)[counts.shape[0] // 2]
    return median


def read_lines_again(found: Recurring, read_texts: Callable[[Rows], Iterator[bytes]]) -> list[bytes]:
    """Text of each line, out of the article that it stands in."""
    rows = np.unique(found.rows)
    texts = list(read_texts(rows))
    lines = [line for text in texts for line in text.split(b"\n") if len(line) >= LEAST_BYTES]
    hashes, _ = line_hashes(TextColumn.of(texts), LEAST_BYTES)
    known = dict(zip(hashes.tolist(), lines, strict=True))
    return [known[line] for line in found.hashes.tolist()]


def describe(
    found: Recurring, lines: Sequence[bytes], hosts: Sequence[str | None]
) -> tuple[Boilerplate, ...]:
    """What was found, as it is reported; `hosts` are those of all articles."""
    return tuple(
        Boilerplate(line.decode(), None if host < 0 else hosts[row], articles)
        for line, host, row, articles in zip(
            lines, found.hosts.tolist(), found.rows.tolist(), found.articles.tolist(), strict=True
        )
    )


def boilerplate_shingles(lines: list[bytes], width: int) -> Hashes:
    """Distinct shingles of lines, ascending: those that are kept out of a comparison.

    Equal to :meth:`dedup.match.context.Context.shingles`, which needs no kernel.
    """
    return np.unique(shingle_column(TextColumn.of(lines), width).hashes) if lines else np.empty(0, np.uint64)


def leave_out(table: ShingleTable, shingles: Hashes) -> ShingleTable:
    """Table without these shingles.

    Parameters
    ----------
    table : ShingleTable
        Its hashes are overwritten: they are most of the memory of a run.
    shingles : ndarray of uint64
        Distinct.

    Returns
    -------
    ShingleTable
    """
    return _drop(table, shingles)[0]


def leave_out_counted(table: ShingleTable, shingles: Hashes, width: int) -> tuple[ShingleTable, Rows]:
    """The same, and how many words each row is made of at least.

    A row of as many shingles in a row as its text has makes ``width - 1`` words more; each stretch that was left out
    cost as many fewer shingles. A shingle that stands twice may hide a stretch that does.
    """
    sizes, n_words = table.sizes, table.n_words
    left, stretches = _drop(table, shingles)
    hidden = np.maximum(n_words - (width - 1) - sizes, 0)
    least = np.maximum(left.sizes + (width - 1) * (1 - stretches - hidden), 0)
    return left, np.where(stretches == 0, n_words, least)


def _drop(table: ShingleTable, shingles: Hashes) -> tuple[ShingleTable, Rows]:
    """Table without these shingles, and the stretches that each row lost."""
    if not len(shingles):
        return table, np.zeros(len(table.n_words), np.int64)
    from dedup.kernels.overlap import drop_shingles  # noqa: PLC0415 - not needed for one pair

    indptr = np.empty_like(table.indptr)
    slots = np.empty(1 << (16 * len(shingles)).bit_length(), np.uint64)
    marks = np.empty(1 << 10, np.uint64)
    stretches = np.empty(len(table.n_words), np.int64)
    kept = drop_shingles(table.indptr, table.hashes, shingles, marks, slots, indptr, stretches)
    return table._replace(indptr=indptr, hashes=table.hashes[:kept]), stretches

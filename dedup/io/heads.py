"""Heads of tables of text: the names of the columns, and what stands between cells."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from dedup.article import article_of
from dedup.errors import ReadError
from dedup.io.cells import RowReader
from dedup.io.encoding import UTF16, is_utf16

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dedup.io.cells import Window
    from dedup.io.lines import Block

_DELIMITERS = ",;\t|"
#: A line in which spreadsheet programs say what stands between cells.
_SAID = re.compile(rb'"?sep=([,;\t|])"?\r?', re.IGNORECASE)
_MOST_SHOWN = 40  # characters of a name


class Head(NamedTuple):
    r"""Head of a table.

    Attributes
    ----------
    names : list of str
        Of the columns, without the spaces around them; none where there is no header, or it can't be read.
    delimiter : str
        Between cells.
    data : bytes
        The header as it stands, with the line ``sep=;`` before it if there is one; if it has no line end, with one.
    number, stop : int
        Of its first line, and of the line behind it.
    damage : str or None
        Why the records behind it can't be read.
    """

    names: list[str]
    delimiter: str
    data: bytes
    number: int
    stop: int
    damage: str | None = None


def find_head(
    window: Window, delimiter: str | None, candidates: Mapping[str, Sequence[str]], max_record: int
) -> Head:
    """Head at the begin of a stream.

    Parameters
    ----------
    window : Window
        Lines of the stream from its begin on.
    delimiter : str or None
        Between cells; None to choose the one that makes a text or a title be found and the most columns.
    candidates : mapping of str to sequence of str
        Names under which the fields of an article are looked for.
    max_record : int
        Longest record in bytes.
    """
    possible = _DELIMITERS if delimiter is None else delimiter
    damage: str | None = None
    told = b""
    while window.grow():
        first = _first_line(window, possible)
        if first is not None and not told and (said := _SAID.fullmatch(first)):
            told, possible = first + b"\n", said[1].decode() if delimiter is None else delimiter
            window.drop(1)
            first = _first_line(window, possible)
        if first is None:
            continue
        if is_utf16(first):
            damage = UTF16
            break
        tried = [_tried(window, character, candidates, max_record) for character in possible]
        heads = [head for head in tried if head is not None]
        if len(heads) == len(tried) or window.cut is not None:
            best = max(heads, key=lambda head: _rank(head, candidates), default=_none(window, window.cut))
            return best._replace(data=told + best.data if best.data else b"")
    return _none(window, damage or window.cut)


def _first_line(window: Window, delimiters: str) -> bytes | None:
    """The first line that is not blank; those before it are dropped. None where there is none yet."""
    lines = window.block.lines
    window.drop(next((at for at, line in enumerate(lines) if not is_blank(line, delimiters)), len(lines)))
    return (window.block.lines[0] or b"") if window.block.lines else None


def _rank(head: Head, candidates: Mapping[str, Sequence[str]]) -> tuple[bool, bool, bool, int]:
    """How well a delimiter does; before one column of no use, what is wrong with the quotes is told."""
    count = len(head.names)
    return _is_of_news(head.names, candidates), count > 1, count == 0, count


def _none(window: Window, damage: str | None) -> Head:
    """No head: there is nothing, or it can't be read."""
    return Head([], ",", b"", window.block.number, window.block.number, damage)


def _tried(
    window: Window, delimiter: str, candidates: Mapping[str, Sequence[str]], max_record: int
) -> Head | None:
    """Head with this delimiter; None where there has to be read more."""
    block = window.block
    try:
        found = RowReader(delimiter, max_record).row_at(block, 0, is_last=window.is_last)
    except ReadError as error:
        return _none(window, f"the header can't be read: {error.reason}")._replace(delimiter=delimiter)
    if found is None:
        return None
    cells, stop = found
    names = [cell.strip() for cell in cells]
    data = _bytes_of(block, stop)
    return Head(
        names, delimiter, data, block.number, block.number + stop, _why_not(names, delimiter, candidates)
    )


def _bytes_of(block: Block, stop: int) -> bytes:
    return b"".join((line or b"") + b"\n" for line in block.lines[:stop])


def _why_not(names: Sequence[str], delimiter: str, candidates: Mapping[str, Sequence[str]]) -> str | None:
    """Why the records under these names can't be read, if they can't."""
    name, count = Counter(names).most_common(1)[0]
    if count > 1:
        told = repr(name[:_MOST_SHOWN]) if name else "without a name"
        return f"{count} columns {'are called ' if name else ''}{told}; each needs a name of its own"
    if _is_of_news(names, candidates):
        return None
    try:
        article_of(dict.fromkeys(names), {})
    except ReadError as error:
        told = error.reason
    if len(names) > 1:
        return told
    (only,) = names
    other = [character for character in _DELIMITERS if character != delimiter and character in only]
    if other:
        return f"one column, {only[:_MOST_SHOWN]!r}: cells are parted by {other[0]!r}, not by {delimiter!r}; read it with --input-format csv"
    return f"{told}; there is one column: cells are parted by a comma, a semicolon, a tab or a bar"


def _is_of_news(names: Sequence[str], candidates: Mapping[str, Sequence[str]]) -> bool:
    """Whether one of them is that of a text or a title."""
    return not {*candidates["text"], *candidates["title"]}.isdisjoint(names)


def is_blank(line: bytes | None, delimiters: str) -> bool:
    r"""Whether nothing stands in a line, not even empty cells.

    Examples
    --------
    >>> is_blank(b" \r", ","), is_blank(b"\t\t", "\t"), is_blank(b"\t", ",")
    (True, False, True)
    """
    if line is None or line.strip():
        return False
    return not line or not any(character.encode() in line for character in delimiters)

"""WARC, WET, WAT and ARC: files of crawls."""

from __future__ import annotations

import contextlib
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dedup.article import Damaged, Place
from dedup.errors import ReadError
from dedup.io.outputs import compression_of
from dedup.io.pagereader import PageReader
from dedup.io.pages import Page, PageRecord
from dedup.io.recordheads import ArcGrammar, WarcGrammar
from dedup.io.responses import WAT, NotHtml, Text, content_of
from dedup.io.warcrecords import RawRecord, Records, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dedup.article import DamageKind
    from dedup.io.extracting import Result

#: Bytes that tell ARC from WARC, and the longest first line of a text that is taken for its title.
_LOOKED_AT, _LONGEST_TITLE = 4096, 300
_ONLY_WAT = f"holds {WAT}"

Found = tuple[PageRecord, dict[str, Any] | None]


class WarcReader(PageReader):
    """Reads the pages of a crawl, and the texts of WET.

    A number is that of a record, from 1, whatever it holds, and of what is damaged; parts are ranges of the
    decompressed contents, as far as they can be read.

    Notes
    -----
    Answers in HTML with a status from 200 to 299 are pages, and resources in HTML. Other answers are noted in `not_html`,
    what is damaged or truncated in `damaged`, and neither ends the reading, unless `on_error` is "strict".
    """

    format = "warc"

    @property
    def compression(self) -> str | None:
        """Compression of the input: what its name says, where its begin is damaged."""
        found = self._source.compression
        if found is None and not self._head().startswith((b"WARC/", b"filedesc:")):
            return compression_of(Path(self.name))
        return found

    def pages(self) -> Iterator[PageRecord]:
        """All pages; their parts ascend."""
        return (record for record, article in self._found() if article is None)

    def records(self) -> Iterator[RawRecord | Trouble]:
        """All records as they stand, and what can't be read."""
        grammar = self._grammar()
        with self._source.open_raw() as raw:
            yield from Records(raw, self.compression, grammar, self._max_record)

    def stored(self, member: tuple[int, int]) -> bytes | None:
        """Bytes of a member as they lie in the file; None where that is no file that can be opened twice."""
        if not Path(self.name).is_file():
            return None
        start, stop = member
        with self._source.open_raw() as raw:
            raw.seek(start)
            return raw.read(stop - start)

    def _results(self, known: int) -> Iterator[tuple[PageRecord, Result]]:
        """Pages with what was extracted from each; texts as they are; without so many that are known."""
        fresh = islice(self._found(), known, None)
        for is_text, group in groupby(fresh, lambda found: found[1] is not None):
            if is_text:
                yield from ((record, article) for record, article in group if article is not None)
            else:
                yield from self._extracts.extraction.in_order(
                    (record for record, _ in group), lambda record: record.page
                )

    def _found(self) -> Iterator[Found]:
        """Pages, and texts as articles; what is neither is noted."""
        held = n_wat = 0
        for item in self.records():
            record = item if isinstance(item, RawRecord) else item.rest
            if isinstance(item, Trouble):
                self._note_trouble(item.number, item.offset, item.kind, item.reason)
            if record is None:
                continue
            is_cut = record is not item
            try:
                content = content_of(record, self._max_record, is_cut=is_cut)
            except ReadError as error:
                if not is_cut:
                    self._note_trouble(record.number, _offset_of(record), "damaged", error.reason)
                continue
            if isinstance(content, NotHtml):
                n_wat += content.reason == WAT
                if not is_cut:
                    self._note_trouble(record.number, _offset_of(record), "not_html", content.reason)
            elif content is not None:
                held += 1
                yield _taken(record, content)
        if n_wat and not held:
            self.damaged.append(Damaged(Place(self.name, 1), _ONLY_WAT))

    def _note_trouble(self, number: int, offset: int, kind: DamageKind, reason: str) -> None:
        """Note what can't be read, or holds no page; in the strict way each is an error."""
        if self._on_error == "strict":
            told = f"no page: {reason}" if kind == "not_html" else reason
            raise ReadError(
                self.name, f"{told} (at byte {offset:,}); without --strict it is left out", number
            )
        noted = self.not_html if kind == "not_html" else self.damaged
        noted.append(Damaged(Place(self.name, number), reason, offset, kind))

    def _grammar(self) -> WarcGrammar | ArcGrammar:
        """How the heads of this file are written."""
        head = self._head()
        is_arc = ArcGrammar().is_begin(head) or (
            not head.startswith(b"WARC/") and ".arc" in self.name.lower()
        )
        return ArcGrammar() if is_arc else WarcGrammar()

    def _begin_anew(self) -> None:
        self.damaged.clear()
        self.not_html.clear()

    def _head(self) -> bytes:
        """Begin of the contents; nothing where it is damaged."""
        with contextlib.suppress(ReadError), self._source.open() as stream:
            return stream.read1(_LOOKED_AT)
        return b""


def _taken(record: RawRecord, content: Page | Text) -> Found:
    """What was found, and where it stands."""
    place = record.number, record.start, record.stop
    if isinstance(content, Page):
        return PageRecord(content, *place), None
    return PageRecord(Page(b"", content.url), *place), _article_of(content)


def _offset_of(record: RawRecord) -> int:
    """Where a record is said to begin: in the file, where it has a member of its own."""
    return record.start if record.member is None else record.member[0]


def _article_of(content: Text) -> dict[str, Any]:
    """Article of a text whose first line, unless that is long, is the title of its page."""
    first, _, rest = content.text.partition("\n")
    title = first.strip()
    return {
        "url": content.url,
        "title": title if title and rest.strip() and len(title) <= _LONGEST_TITLE else None,
        "text": content.text.strip(),
        "date": None,
        "source": None,
        "language": content.language,
        "fetched": content.fetched.isoformat() if content.fetched else None,
    }

"""Single articles that a command names: files, and JSON objects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dedup.article import Article
from dedup.cli.terminal import printable
from dedup.errors import ReadError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dedup.match.context import Context


_COMPRESSED = (".gz", ".zst", ".zstd")
_LOOKED_AT = 1 << 16  # bytes
_TABLES = ("CSV", "TSV", "PARQUET")


def read_article(
    name: str, fields: Mapping[str, str] | None = None, max_record: int | None = None
) -> str | Article:
    """Text of a file, or the article that it has as a JSON object or as a page, compressed or not; ``-`` is standard input.

    Raises
    ------
    ReadError
        If it has neither, or several articles.
    """
    data = _read(name, max_record)
    if _is_page(name, data):
        return Article.from_any(_extracted(name, data), fields)
    _refuse_tables(name, data)
    if b"\0" in data:
        raise ReadError(name, "is no text: it has a NUL byte; give text in UTF-8, or a JSON object")
    text = data.decode("utf-8-sig", errors="replace")
    record = _record_of(text)
    if record is None and kind_of(name) != ".json":
        if _has_many(text):
            raise ReadError(
                name,
                "has several articles, one on each line, and one is needed; `dedup index check --lines` and"
                " `dedup run` take many, `dedup compare --pairs` takes pairs",
            )
        return text
    try:
        return Article.from_any(parse_object(text) if record is None else record, fields)
    except ReadError as error:
        raise ReadError(name, error.reason) from None


def _is_page(name: str, data: bytes) -> bool:
    """Whether a file is a page of HTML: by its name, or by its beginning if its name does not say that it is a text."""
    from dedup.io.formats import is_page, suffix_format  # noqa: PLC0415 - not for --help

    named = suffix_format(name)
    return named == "html" or (named is None and is_page(data[:_LOOKED_AT]))


def _extracted(name: str, data: bytes) -> dict[str, Any]:
    """Fields of the article of a page; says that they were extracted."""
    from dedup.io.extracting import Extraction, Extractor  # noqa: PLC0415 - not for texts
    from dedup.io.pages import Page  # noqa: PLC0415

    with Extraction(Extractor(processes=1)) as extraction:
        found = extraction.submit(Page(data)).result()
    if not isinstance(found, dict):
        raise ReadError(name, found.reason)
    title = printable(found["title"] or "no headline")
    click.echo(f"{printable(name)}: the article of the page was extracted: {title}", err=True)
    return found


def _refuse_tables(name: str, data: bytes) -> None:
    """Refuse what is no article but a table of many."""
    kind = "PARQUET" if data.startswith(b"PAR1") else kind_of(name)[1:].upper()
    if kind in _TABLES:
        raise ReadError(
            name,
            f"is a table of articles ({kind}), and one article is needed; `dedup run` and `dedup index check` take tables",
        )


def kind_of(name: str) -> str:
    """Suffix of a name in small letters, without that of a compression.

    Examples
    --------
    >>> kind_of("Story.JSON.gz"), kind_of("-")
    ('.json', '')
    """
    path = Path(name.lower())
    return (path.with_suffix("") if path.suffix in _COMPRESSED else path).suffix


def _read(name: str, max_record: int | None) -> bytes:
    """Decompressed contents of a file that is as long as a record may be, at most."""
    from dedup.io.streams import MAX_RECORD, Source  # noqa: PLC0415 - not for --help

    most = max_record or MAX_RECORD
    source = Source(name)
    try:
        with source.open() as stream:
            data = stream.read(most + 1)
    except OSError as error:
        raise ReadError(name, f"can't be read: {error.strerror or error}") from error
    finally:
        source.close()
    if len(data) > most:
        raise ReadError(name, f"longer than {most:,} bytes, which is too much for one article")
    return data


def _record_of(text: str) -> dict[str, Any] | None:
    """JSON object that a text is; None for any other text."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        return parse_object(text)
    except ReadError:
        return None


def _has_many(text: str) -> bool:
    """Whether a text begins with two lines of JSON objects."""
    begin = text.lstrip()
    if not begin.startswith("{"):
        return False
    lines = (line for line in begin.split("\n") if line.strip())
    return _record_of(next(lines)) is not None and next(lines, "").lstrip().startswith("{")


def read_context(name: str) -> Context:
    """Context that ``dedup run --boilerplate`` wrote, of any compression."""
    from dedup.io.streams import Source  # noqa: PLC0415 - few ask for it
    from dedup.match.context import Context  # noqa: PLC0415

    source = Source(name)
    try:
        with source.open() as lines:
            return Context.from_lines(lines, name)
    finally:
        source.close()


def parse_object(text: str) -> dict[str, Any]:
    """JSON object of a text."""
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ReadError("record", f"broken JSON: {error}") from error
    if not isinstance(record, dict):
        raise ReadError("record", "a JSON object is needed")
    return record

"""Formats of inputs: which there are, how one is told, and who reads it."""

from __future__ import annotations

import codecs
import contextlib
import re
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, get_args

from dedup.errors import MissingExtraError, ParameterError, ReadError
from dedup.fields import FIELD_NAMES
from dedup.io.encoding import UTF16, is_utf16
from dedup.io.streams import damage_errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dedup.io.pagereader import Extracts, PageReader
    from dedup.io.reader import OnError, Reader
    from dedup.io.streams import Source

Format = Literal["jsonl", "json", "csv", "tsv", "parquet", "text", "html", "warc"]
FORMATS: tuple[Format, ...] = get_args(Format)
#: Who reads each; imported when it is needed.
_READERS: Mapping[Format, tuple[str, str]] = MappingProxyType(
    {
        "jsonl": ("dedup.io.jsonlines", "JsonLinesReader"),
        "json": ("dedup.io.jsonvalues", "JsonValuesReader"),
        "csv": ("dedup.io.delimited", "CsvReader"),
        "tsv": ("dedup.io.delimited", "TsvReader"),
        "parquet": ("dedup.io.parquet", "ParquetReader"),
        "text": ("dedup.io.textfile", "TextReader"),
        "html": ("dedup.io.htmlfile", "HtmlReader"),
        "warc": ("dedup.io.warc", "WarcReader"),
    }
)
#: Formats of pages, from which articles are extracted.
PAGES: frozenset[Format] = frozenset({"html", "warc"})
#: What pages need that may not be installed: a module, and the extra that brings it.
_NEEDED: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"html": ("resiliparse", "html"), "warc": ("fastwarc", "warc")}
)
#: What a suffix says, below that of a compression.
SUFFIXES: Mapping[str, Format] = MappingProxyType(
    {
        ".jsonl": "jsonl",
        ".ndjson": "jsonl",
        ".json": "json",
        ".csv": "csv",
        ".tsv": "tsv",
        ".tab": "tsv",
        ".parquet": "parquet",
        ".pq": "parquet",
        ".txt": "text",
        ".text": "text",
        ".html": "html",
        ".htm": "html",
        ".xhtml": "html",
        ".warc": "warc",
        ".wet": "warc",
        ".wat": "warc",
        ".arc": "warc",
    }
)
COMPRESSIONS = (".gz", ".zst", ".zstd")
#: Bytes of an input that tell its format, and marks that part the columns of a table.
_LOOKED_AT = 1 << 16
_DELIMITERS = b",;\t|"
_PARQUET = b"PAR1"
_CRAWLS = b"WARC/", b"filedesc:"
#: An array of objects, whatever it is called.
_OBJECTS = re.compile(rb'\[\s*+{\s*+"')
#: A page, behind what may stand before its first tag.
_PAGE = re.compile(
    rb"(?:\s++|<\?xml[^>]*+>|<!--.*?-->)*+<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE | re.DOTALL
)


def check_format(given: str) -> None:
    """Refuse what is no format."""
    if given not in FORMATS:
        raise ParameterError(f"input_format is {given!r}; it is one of {', '.join(FORMATS)}")


def suffix_format(name: str) -> Format | None:
    """Format that a name has by its suffix.

    Examples
    --------
    >>> suffix_format("news.CSV.gz"), suffix_format("news"), suffix_format("-")
    ('csv', None, None)
    """
    path = Path(name.lower())
    return SUFFIXES.get((path.with_suffix("") if path.suffix in COMPRESSIONS else path).suffix)


def missing_extra(name: str) -> str | None:
    """Extra that is needed to read a file of pages of such a name, and is not installed.

    Examples
    --------
    >>> missing_extra("news.jsonl")
    """
    module, extra = _NEEDED.get(suffix_format(name) or "", (None, None))
    return None if module is None or _is_installed(module) else extra


@cache
def _is_installed(module: str) -> bool:
    """Whether there is such a module; looked for once, for there may be a hundred thousand files."""
    return find_spec(module) is not None


def reader_of(
    source: Source,
    given: Format | None,
    fields: Mapping[str, str] | None,
    on_error: OnError,
    max_record: int,
    extracts: Extracts | None = None,
) -> Reader:
    """Reader of an input, by the format that was given, or the one that it seems to have.

    Readers of pages share `extracts`.

    Raises
    ------
    ParameterError
        If it is no format.
    ReadError
        If the format can't be told, or nothing can be read.
    MissingExtraError
        If its reader needs a package that is not installed.
    """
    if given is not None:
        check_format(given)
    form = given or format_of(source)
    module, name = _READERS[form]
    if form in PAGES:
        try:
            of_pages: type[PageReader] = getattr(import_module(module), name)
        except ImportError as error:
            if form != "warc":
                raise
            raise MissingExtraError("WARC", "warc") from error
        return of_pages(source, fields, on_error, max_record, extracts)
    try:
        reader: type[Reader] = getattr(import_module(module), name)
    except ImportError as error:
        if form != "parquet":
            raise
        raise MissingExtraError("Parquet", "parquet") from error
    return reader(source, fields, on_error, max_record)


def format_of(source: Source) -> Format:
    """Format of an input: what stands in it, where that is plain, else what its suffix says.

    Raises
    ------
    ReadError
        If neither tells it.
    """
    named = suffix_format(source.name)
    if named == "text":
        return named  # whatever stands in it
    head = b""
    with source.open() as stream, contextlib.suppress(*damage_errors()):  # told when it is read
        while len(head) < _LOOKED_AT and (chunk := stream.read1(_LOOKED_AT)):
            head += chunk
    found = _format_by(head, named)
    if found is not None:
        return found
    if is_utf16(head):
        raise ReadError(source.name, UTF16)
    raise ReadError(
        source.name,
        f"what it is can't be told, neither by its name nor by its beginning; say it with --input-format: "
        f"{', '.join(FORMATS)}",
    )


def _format_by(head: bytes, named: Format | None) -> Format | None:
    """Format of what begins so, and has a name that says so much."""
    if head.startswith((_PARQUET, *_CRAWLS)):
        return "parquet" if head.startswith(_PARQUET) else "warc"
    begin = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if not begin:
        return named or "jsonl"  # nothing stands in it
    if _OBJECTS.match(begin) or (begin.startswith(b"[") and named in (None, "json", "jsonl")):
        return "json"
    if begin.startswith(b"{"):
        return _lines_or_one(begin)
    if named == "json":
        return "jsonl"  # whose reader says what is wrong with the line
    return "html" if is_page(begin) else named or _table(begin) or _lines_later(begin)


def is_page(begin: bytes) -> bool:
    """Whether something begins as a page of HTML does.

    Examples
    --------
    >>> is_page(b"<!-- saved --><!DOCTYPE html><html>"), is_page(b"<rss>"), is_page(b"html")
    (True, False, False)
    """
    return _PAGE.match(begin) is not None


def _lines_or_one(begin: bytes) -> Format:
    """Whether objects stand on a line each, or over several lines."""
    lines = (line for line in begin.splitlines() if line.strip())
    first, second = next(lines), next(lines, b"{")
    return "jsonl" if first.rstrip().endswith(b"}") or second.lstrip().startswith(b"{") else "json"


def _lines_later(begin: bytes) -> Format | None:
    """JSON lines of which the first is damaged; None where no other begins as one."""
    return "jsonl" if any(line.lstrip().startswith(b"{") for line in begin.splitlines()) else None


def _table(begin: bytes) -> Format | None:
    """Kind of table that begins with the names of fields; None where it is none."""
    first = begin.splitlines()[0]
    mark = max(_DELIMITERS, key=first.count)
    names = {cell.strip().strip(b'"').decode(errors="replace").lower() for cell in first.split(bytes([mark]))}
    known = {name.lower() for field in ("text", "title") for name in FIELD_NAMES[field]}
    if names.isdisjoint(known) or not first.count(mark):
        return None
    return "tsv" if mark == _TAB else "csv"


_TAB = ord("\t")

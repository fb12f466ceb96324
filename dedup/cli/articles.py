"""Single articles that a command names: files, and JSON objects."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dedup.article import Article
from dedup.errors import ReadError

if TYPE_CHECKING:
    from dedup.match.context import Context


def read_article(name: str) -> object:
    """Text of a file, or the article in a ``.json`` file; ``-`` is standard input."""
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise ReadError(name, f"can't be read: {error.strerror or error}") from error
    text = data.decode("utf-8-sig", errors="replace")
    if Path(name).suffix != ".json":
        return text
    try:
        return Article.from_any(parse_object(text))
    except ReadError as error:
        raise ReadError(name, error.reason) from None


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

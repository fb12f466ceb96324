"""What is fuzzed: functions that take any bytes, and fail where a law is broken."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from dedup.article import article_of
from dedup.dates import epoch_of, parse_date
from dedup.errors import ReadError
from dedup.fields import resolve_names
from dedup.io.batches import to_utf8
from dedup.io.extraction import extract
from dedup.io.formats import PAGES, format_of
from dedup.io.labels import is_about_pairs, read_labels, read_pairs
from dedup.io.pages import Page
from dedup.match.context import Context
from dedup.text.columns import TextColumn, code_column, equal_pairs, line_hashes, shingle_column
from dedup.text.paragraphs import split_paragraphs
from dedup.text.shingling import code_word, hash_word, shingle_text
from dedup.text.tokens import _walk_tokens, tokenise
from dedup.url import host_of
from tests.fuzzing.pages import check_pages
from tests.fuzzing.reading import check, source_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from dedup.io.formats import Format
    from tests.fuzzing.reading import Reading

SHORT = 96  # bytes of the longest record, where that is to be reached


def _check_form(form: Format, data: bytes) -> Reading:
    check(form, data, SHORT)
    return check(form, data)


def check_jsonl(data: bytes) -> None:
    """JSON lines: each line that is not blank is a record or damaged, as the standard library sees it."""
    once = _check_form("jsonl", data)
    if source_of(data).compression is not None:
        return
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    there = [number for number, line in enumerate(lines, 1) if line.strip()]
    assert sorted([number for number, *_ in once.places] + [number for number, _ in once.damaged]) == there
    texts = dict(zip([number for number, *_ in once.places], once.articles, strict=True))
    for number in there:
        line = lines[number - 1].decode(errors="replace")
        try:
            record = json.loads(line)
            article = article_of(record, resolve_names(record, {})) if isinstance(record, dict) else None
        except RecursionError:
            continue  # a fast parser may go deeper
        except (ValueError, ReadError):
            article = None
        found = texts.get(number)
        assert (found is None) == (article is None)
        assert found is None or article is None or found.compared == article.compared


def check_json(data: bytes) -> None:
    """JSON over lines; where all of it is well formed, it is what the standard library says."""
    once = _check_form("json", data)
    try:
        value = json.loads(data.removeprefix(b"\xef\xbb\xbf").decode())
    except (ValueError, RecursionError):
        return
    elements = value if isinstance(value, list) else [value]
    assert len(once.places) + len(once.damaged) == len(elements)


def check_csv(data: bytes) -> None:
    """A table."""
    _check_form("csv", data)


def check_tsv(data: bytes) -> None:
    """A table with tabs."""
    _check_form("tsv", data)


def check_text(data: bytes) -> None:
    """A text is one record or damaged."""
    once = _check_form("text", data)
    assert len(once.places) + len(once.damaged) == 1


def check_parquet(data: bytes) -> None:
    """Parquet."""
    _check_form("parquet", data)


def check_guessed(data: bytes) -> None:
    """Whatever it is taken for can be read, or it is said that it can't be told."""
    try:
        form = format_of(source_of(data))
    except ReadError:
        return
    if form in PAGES:
        check_pages(form, data)
    else:
        check(form, data)


def check_warc(data: bytes) -> None:
    """Crawls: pages and texts, cut out and decoded; a digest stands for what is extracted."""
    for most in (SHORT, 1 << 20):
        check_pages("warc", data, most)


def check_html(data: bytes) -> None:
    """What is extracted of any page: strings that can be written, a date that is one, and the same each time."""
    page = Page(data[1:], *SAID[data[0] % len(SAID)]) if data else Page(b"")
    found = extract(page)
    assert found == extract(page)
    for value in found.values():
        assert value is None or isinstance(value, str)
        assert value is None or to_utf8(value) == (value.encode(), False)
    assert found["date"] is None or parse_date(found["date"]) is not None
    check_pages("html", data, 1 << 20)


SAID = (
    (None, None),
    ("https://a.example/2026/11/26/rain", "utf-16"),
    ("http://[", "windows-1252"),
    ("x", "no charset"),
)


def _text_of(data: bytes) -> str:
    """Any string, with lone surrogates too."""
    if data[:1] == b"\1":
        return data[1:].decode("utf-16-le", "surrogatepass" if len(data) % 2 else "replace")
    return data.decode(errors="surrogateescape" if data[:1] == b"\2" else "replace")


def check_words(data: bytes) -> None:
    """Words, shingles, codes and lines: kernels equal their plain twins, on any string."""
    try:
        given = _text_of(data)
    except UnicodeDecodeError:
        return
    tokens = tokenise(given)
    assert tokens == _walk_tokens(given)
    bounds = [bound for token in tokens for bound in (token.start, token.end)]
    assert all(token.text and token.start < token.end for token in tokens)
    assert all(0 <= bound <= len(given) for bound in bounds)
    encoded, replaced = to_utf8(given)
    text = encoded.decode()
    assert replaced or text == given
    assert [token.text for token in tokenise(text)] == [token.text for token in tokens]
    for width in (1, 5):
        batch = shingle_column(TextColumn.of([encoded, b"", encoded]), width)
        plain = shingle_text(text, width)
        assert batch.hashes.tolist() == 2 * plain.shingles
        assert batch.n_words.tolist() == [plain.n_words, 0, plain.n_words]
        assert batch.text_hashes.tolist() == [plain.text_hash, 0, plain.text_hash]
    assert code_column(TextColumn.of([encoded])).codes.tolist() == [code_word(token.text) for token in tokens]
    again = " ".join(token.text for token in tokens).encode()
    same = equal_pairs(TextColumn.of([encoded, encoded, again]), np.array([0]), np.array([1]))
    assert same.all()
    for least in (1, 8):
        hashes, _ = line_hashes(TextColumn.of([encoded]), least)
        lines = [line for line in encoded.split(b"\n") if len(line) >= least]
        assert hashes.tolist() == [hash_word(line) for line in lines]
    assert all(text[line.start : line.end] == line.text for line in split_paragraphs(text))


def check_fields(data: bytes) -> None:
    """Dates, URLs and records of any values: an article or an error of ours."""
    text = data.decode(errors="surrogateescape")
    host_of(text)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = text
    for given in (text, value):
        seconds = epoch_of(parse_date(given))
        assert seconds is None or math.isfinite(seconds)
    if isinstance(value, dict):
        with suppress(ReadError):
            article_of(value, resolve_names(value, {}))


def check_labels(data: bytes) -> None:
    """Labels, scores and contexts, which users bring too."""
    for ask in (
        is_about_pairs,
        lambda given: read_labels(given, given),
        lambda given: read_pairs(given, given),
    ):
        with suppress(ReadError):
            ask(source_of(data))
    try:
        context = Context.from_lines(data.split(b"\n"))
    except ReadError:
        return
    assert Context.from_lines(context.dump()).fingerprint == context.fingerprint


TARGETS: dict[str, Callable[[bytes], None]] = {
    "jsonl": check_jsonl,
    "json": check_json,
    "csv": check_csv,
    "tsv": check_tsv,
    "text": check_text,
    "parquet": check_parquet,
    "html": check_html,
    "warc": check_warc,
    "guessed": check_guessed,
    "words": check_words,
    "fields": check_fields,
    "labels": check_labels,
}

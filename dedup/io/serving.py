"""The process that extracts: takes pages from one pipe, gives articles to another, ends when the first one does."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import struct
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dedup.io.pages import Page

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

#: Lengths of what describes a page, and of its HTML; length of an answer.
REQUEST, ANSWER = struct.Struct(">QQ"), struct.Struct(">Q")


def pack_page(page: Page) -> bytes:
    """A page as a process that extracts takes it."""
    fetched = page.fetched.isoformat() if page.fetched else None
    told = json.dumps([page.url, page.charset, fetched]).encode()
    return b"".join((REQUEST.pack(len(told), len(page.html)), told, page.html))


def serve(extractor: str, seconds: float, memory: int) -> None:
    """Answer pages, one after the other, until there are no more.

    Parameters
    ----------
    extractor : {"resiliparse", "trafilatura"}
        What extracts.
    seconds : float
        CPU time that a page may take; the process ends with SIGPROF where one takes more.
    memory : int
        Bytes of address space that the process may have.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started this one ends it
    pages, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    _limit(memory)
    try:
        extract = extractor_of(extractor)
    except ImportError as error:
        _answer(answers, {"error": str(error)})
        return
    _answer(answers, {"ready": os.getpid()})
    while (page := _next_page(pages)) is not None:
        signal.setitimer(signal.ITIMER_PROF, seconds)
        answer = _extracted(extract, page)
        signal.setitimer(signal.ITIMER_PROF, 0)
        _answer(answers, answer)


def extractor_of(name: str) -> Callable[[Page], dict[str, Any]]:
    """What extracts under this name.

    Raises
    ------
    ImportError
        If its library is not installed.
    """
    if name == "trafilatura":
        from dedup.io.thorough import ThoroughExtractor  # noqa: PLC0415 - an extra, 0.3 s

        return ThoroughExtractor().extract
    from dedup.io.extraction import extract  # noqa: PLC0415 - an extra

    return extract


def _extracted(extract: Callable[[Page], dict[str, Any]], page: Page) -> dict[str, Any]:
    """Article of a page, or what went wrong with it."""
    try:
        return {"article": extract(page)}
    except MemoryError:
        return {"error": "needed more memory than it may have"}
    except Exception as error:  # noqa: BLE001 - a page costs that page only, whatever it does to a library
        return {"error": f"failed: {type(error).__name__}: {error}"[:200]}


def _next_page(stream: BinaryIO) -> Page | None:
    head = stream.read(REQUEST.size)
    if len(head) < REQUEST.size:
        return None
    told, length = REQUEST.unpack(head)
    url, charset, fetched = json.loads(stream.read(told))
    html = stream.read(length)
    return Page(html, url, charset, datetime.fromisoformat(fetched) if fetched else None)


def _answer(stream: BinaryIO, answer: dict[str, Any]) -> None:
    data = json.dumps(answer).encode()
    stream.write(ANSWER.pack(len(data)) + data)
    stream.flush()


def _limit(memory: int) -> None:
    """Have the system refuse more memory than that, where it can."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - not on every system

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))

"""Extracting in processes: in order, each page for itself, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING

import pytest

from dedup.errors import MissingExtraError, ParameterError
from dedup.io import extracting
from dedup.io.extracting import NO_ARTICLE, Extraction, Extractor
from dedup.io.pages import Page
from dedup.io.serving import pack_page
from dedup.io.workerprocess import Failure, WorkerProcess

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.importorskip("resiliparse")

STORY = (
    "The council voted on Monday to close the old pool, which had leaked since the spring of the year before."
)
HOURS = "<p>" + "<div class=date>x" * 2_900  # what the extractor needs some time for
ROOT = Path(__file__).resolve().parents[1]


def page(number: int) -> Page:
    return Page(f"<title>Pool {number}</title><p>{STORY} {number}.</p>".encode())


@pytest.fixture
def extraction() -> Iterator[Extraction]:
    with Extraction(Extractor(processes=1)) as extraction:
        yield extraction


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_articles_come_in_the_order_of_their_pages(processes: int) -> None:
    with Extraction(Extractor(processes=processes)) as extraction:
        found = list(extraction.in_order(range(150), page))
    assert [number for number, _ in found] == list(range(150))
    assert [result["title"] for _, result in found if isinstance(result, dict)] == [
        f"Pool {n}" for n in range(150)
    ]


def test_pages_are_taken_as_articles_are_asked_for() -> None:
    taken: list[int] = []

    def pages() -> Iterator[int]:
        for number in range(10_000):
            taken.append(number)
            yield number

    with Extraction(Extractor(processes=1)) as extraction:
        results = extraction.in_order(pages(), page)
        next(results)
        assert len(taken) < 50
        results.close()  # type: ignore[attr-defined]


def test_large_pages_are_not_held_by_the_dozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extracting, "_AHEAD_BYTES", 1500)
    taken: list[int] = []

    def large(number: int) -> Page:
        taken.append(number)
        return Page(page(number).html + b" " * 900)

    with Extraction(Extractor(processes=1)) as extraction:
        results = extraction.in_order(range(100), large)
        next(results)
        assert len(taken) == 2
        results.close()  # type: ignore[attr-defined]


def test_a_page_without_an_article_says_so(extraction: Extraction) -> None:
    assert extraction.submit(Page(b"<title>Pool</title>")).result() == Failure(NO_ARTICLE)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_process_that_ends_costs_one_page(extraction: Extraction, number: signal.Signals) -> None:
    assert isinstance(extraction.submit(page(0)).result(), dict)
    (worker,) = extraction._idle
    os.kill(worker.pid, signal.SIGSTOP)
    future = extraction.submit(page(1))
    Timer(0.2, end, (worker.pid, number)).start()
    assert future.result() == Failure(f"the extractor ended with signal {number.value}")
    found = extraction.submit(page(2)).result()
    assert isinstance(found, dict)
    assert found["title"] == "Pool 2"
    assert extraction._idle[0].pid != worker.pid


def test_a_page_that_takes_too_long_costs_that_page() -> None:
    with Extraction(Extractor(processes=1, seconds=0.02)) as extraction:
        results = [extraction.submit(Page(HOURS.encode() * 2)).result(), extraction.submit(page(1)).result()]
    assert results[0] == Failure("the extractor took longer than 0.02 s")
    assert isinstance(results[1], dict)


def test_a_process_that_waits_for_ever_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = WorkerProcess("resiliparse", 0.1, 1 << 30)
    assert isinstance(worker.ask(pack_page(page(1))), dict)
    os.kill(worker.pid, signal.SIGSTOP)
    monkeypatch.setattr("dedup.io.workerprocess._PATIENCE", 0.2)
    assert worker.ask(pack_page(page(2))) == Failure("the extractor took longer than 0.1 s")
    assert not worker.is_alive


def test_a_page_that_needs_too_much_memory_costs_that_page() -> None:
    with Extraction(Extractor(processes=1, memory=100 << 20)) as extraction:
        heavy = extraction.submit(Page(b"<p>" + b"<i>x</i>" * 400_000)).result()
        light = extraction.submit(page(1)).result()
    assert isinstance(heavy, Failure)
    assert heavy.reason.startswith("the extractor ")
    assert isinstance(light, dict)


def test_a_page_may_be_as_long_as_is_said() -> None:
    with Extraction(Extractor(processes=1, max_page=200)) as extraction:
        results = [extraction.submit(Page(page(1).html + b" " * n)).result() for n in (0, 200)]
    assert isinstance(results[0], dict)
    assert results[1] == Failure("the page is longer than 200 bytes")


def test_nothing_is_started_before_there_is_a_page_and_nothing_left_at_the_end() -> None:
    with Extraction(Extractor(processes=2)) as extraction:
        assert not extraction._idle
        list(extraction.in_order(range(20), page))
        pids = [worker.pid for worker in extraction._idle]
        assert pids
    assert not any(map(is_there, pids))
    extraction.close()


def test_closing_does_not_wait_for_pages() -> None:
    extraction = Extraction(Extractor(processes=1))
    extraction.submit(page(0)).result()
    (worker,) = extraction._idle
    os.kill(worker.pid, signal.SIGSTOP)
    future = extraction.submit(page(1))
    while not extraction._busy:
        time.sleep(0.01)
    extraction.close()
    assert isinstance(future.result(), Failure)
    assert not is_there(worker.pid)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_processes_end_with_whoever_started_them(number: signal.Signals) -> None:
    program = (
        "import time; from dedup.io.extracting import *; from dedup.io.pages import Page\n"
        "extraction = Extraction(Extractor(processes=1))\n"
        "extraction.submit(Page(b'<p>rain</p>')).result()\n"
        "print(extraction._idle[0].pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_there(pid)
        parent.send_signal(number)
        parent.wait(20)
    for _ in range(200):
        if not is_there(pid):
            return
        time.sleep(0.05)
    pytest.fail("the process is still there")


def test_a_script_without_a_guard_may_extract(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    story = "It rains in the north, the weather office said, and the rain will not end before Sunday."
    script.write_text(
        "from dedup.io.extracting import *; from dedup.io.pages import Page\n"
        "print('once')\n"
        "with Extraction(Extractor(processes=2)) as extraction:\n"
        f"    print(extraction.submit(Page(b'<p>{story}</p>')).result()['text'])\n"
    )
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    found = subprocess.run(
        [sys.executable, script], capture_output=True, check=True, env={**os.environ, "PYTHONPATH": path}
    )
    assert found.stdout.split(b"\n")[:2] == [b"once", story.encode()]


def test_an_extractor_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extracting, "find_spec", lambda _: None)
    with (
        Extraction(Extractor()) as extraction,
        pytest.raises(MissingExtraError, match=r"pip install 'news-dedup\[html\]'"),
    ):
        extraction.submit(page(1))


def test_an_extractor_that_can_not_be_imported_is_no_fault_of_the_page(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "trafilatura.py").write_text("raise ImportError('lxml is broken')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(extracting, "find_spec", lambda _: True)
    with (
        Extraction(Extractor("trafilatura", processes=1)) as extraction,
        pytest.raises(MissingExtraError, match="lxml is broken"),
    ):
        extraction.submit(page(1)).result()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": "lynx"}, "extractor is 'lynx'; it is one of resiliparse, trafilatura"),
        ({"seconds": 0}, "a page is given 0 seconds"),
        ({"seconds": float("inf")}, "a page is given inf seconds"),
        ({"processes": 0}, "processes is 0; at least 1 is needed"),
        ({"max_page": 0}, "max_page is 0"),
        ({"memory": -1}, "memory is -1"),
    ],
)
def test_what_can_not_be_is_refused(given: dict[str, object], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        Extractor(**given)  # type: ignore[arg-type]


def test_a_name_stands_for_an_extractor() -> None:
    assert Extractor.of(None) == Extractor.of("resiliparse") == Extractor()
    assert Extractor.of(Extractor("trafilatura", 5)) == Extractor("trafilatura", 5)


def end(pid: int, number: signal.Signals) -> None:
    """Have a stopped process end by a signal."""
    os.kill(pid, number)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


def is_there(pid: int) -> bool:
    """Whether a process lives, and is no mere entry of the system's table."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False

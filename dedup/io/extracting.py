"""Extracting many pages: in processes of their own, for extractors hold the interpreter's lock, crash and stall."""

from __future__ import annotations

import math
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar, get_args

from dedup.errors import MissingExtraError, ParameterError
from dedup.io.serving import pack_page
from dedup.io.workerprocess import ExtractorError, Failure, WorkerProcess
from dedup.workers import usable_cores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

    from dedup.io.pages import Page

    Result = dict[str, Any] | Failure

Item = TypeVar("Item")
ExtractorName = Literal["resiliparse", "trafilatura"]
EXTRACTORS: tuple[ExtractorName, ...] = get_args(ExtractorName)
#: Why a page that holds no article has none.
NO_ARTICLE = "no article text was found"
#: Pages for each process that are on their way, and their bytes together: enough that none waits for work.
_AHEAD, _AHEAD_BYTES = 16, 64 << 20


@dataclass(frozen=True, slots=True)
class Extractor:
    """What extracts articles from pages, and what a page may cost.

    Parameters
    ----------
    name : {"resiliparse", "trafilatura"}, default="resiliparse"
        The fast one, or the thorough one, which takes about five times as long.
    seconds : float, default=10
        CPU time for a page.
    processes : int, optional
        How many extract at once. Default: one for each core.
    max_page : int, default=16 MiB
        Longest page in bytes.
    memory : int, default=1 GiB
        Bytes of address space that a process may have.

    Raises
    ------
    ParameterError
        If one of them is out of its range.

    Examples
    --------
    >>> Extractor("trafilatura").seconds
    10.0
    """

    name: ExtractorName = "resiliparse"
    seconds: float = 10.0
    processes: int | None = None
    max_page: int = 16 << 20
    memory: int = 1 << 30

    def __post_init__(self) -> None:
        if self.name not in EXTRACTORS:
            raise ParameterError(f"extractor is {self.name!r}; it is one of {', '.join(EXTRACTORS)}")
        if not (self.seconds > 0 and math.isfinite(self.seconds)):
            raise ParameterError(f"a page is given {self.seconds} seconds; more than 0 are needed")
        for what, value in (
            ("processes", self.processes),
            ("max_page", self.max_page),
            ("memory", self.memory),
        ):
            if value is not None and value < 1:
                raise ParameterError(f"{what} is {value}; at least 1 is needed")

    def settings(self) -> dict[str, Any]:
        """What may change an article, as JSON has it."""
        return {name: value for name, value in asdict(self).items() if name != "processes"}

    @classmethod
    def of(cls, given: Extractor | str | None) -> Extractor:
        """Extractor that was given, or that of a name; the usual one for None."""
        return given if isinstance(given, cls) else cls() if given is None else cls(given)  # type: ignore[arg-type]


class Extraction:
    """Processes that extract; started when the first page comes, ended by `close`.

    Parameters
    ----------
    extractor : Extractor
        What extracts, and what a page may cost. A page that costs more, or ends its process, is a :class:`Failure`
        that says so; the process is replaced, and no other page is lost.

    Examples
    --------
    >>> from dedup.io.pages import Page
    >>> with Extraction(Extractor(processes=1)) as extraction:
    ...     story = "<p>The council voted on Monday to close the old pool. It had leaked since the spring.</p>"
    ...     found = extraction.submit(Page(f"<title>Pool closes</title>{story}".encode())).result()
    >>> found["title"]
    'Pool closes'
    """

    def __init__(self, extractor: Extractor) -> None:
        self.extractor = extractor
        self.processes = extractor.processes or usable_cores()
        self._threads: ThreadPoolExecutor | None = None
        self._idle: list[WorkerProcess] = []
        self._busy: set[WorkerProcess] = set()
        self._lock = Lock()
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def submit(self, page: Page) -> Future[Result]:
        """Have a page extracted; the result is an article as a dict, or a :class:`Failure`.

        Raises
        ------
        MissingExtraError
            If the extractor is not installed.
        """
        if self._threads is None:
            for name in {"resiliparse", self.extractor.name}:
                if find_spec(name) is None:
                    raise MissingExtraError("HTML", "html")
            self._threads = ThreadPoolExecutor(self.processes, "extraction")
        return self._threads.submit(self._extract, page)

    def in_order(
        self, items: Iterable[Item], page_of: Callable[[Item], Page]
    ) -> Iterator[tuple[Item, Result]]:
        """Extract the page of each item; items and results in their order, with some pages read ahead."""
        waiting: deque[tuple[Item, int, Future[Result]]] = deque()
        ahead = 0
        try:
            for item in items:
                page = page_of(item)
                waiting.append((item, len(page.html), self.submit(page)))
                ahead += len(page.html)
                while len(waiting) > _AHEAD * self.processes or ahead > _AHEAD_BYTES:
                    done, length, future = waiting.popleft()
                    ahead -= length
                    yield done, future.result()
            while waiting:
                done, _, future = waiting.popleft()
                yield done, future.result()
        finally:
            for *_, future in waiting:
                future.cancel()

    def close(self) -> None:
        """End all processes; what they had not done is not done any more."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
            for worker in self._busy:
                worker.kill()
        for worker in idle:
            worker.stop()
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)

    def _extract(self, page: Page) -> Result:
        if len(page.html) > self.extractor.max_page:
            return Failure(f"the page is longer than {self.extractor.max_page:,} bytes")
        worker = self._take()
        if worker is None:
            return Failure("the extraction was ended")
        try:
            result = worker.ask(pack_page(page))
        except ExtractorError as error:
            raise MissingExtraError(f"HTML ({error})", "html") from error
        finally:
            self._give_back(worker)
        return result if isinstance(result, Failure) or result["text"] else Failure(NO_ARTICLE)

    def _take(self) -> WorkerProcess | None:
        """A process that has nothing to do; a new one where there is none, and none when all is over."""
        with self._lock:
            if self._closed:
                return None
            given = self.extractor
            worker = (
                self._idle.pop() if self._idle else WorkerProcess(given.name, given.seconds, given.memory)
            )
            self._busy.add(worker)
            return worker

    def _give_back(self, worker: WorkerProcess) -> None:
        with self._lock:
            self._busy.discard(worker)
            if worker.is_alive and not self._closed:
                self._idle.append(worker)
                return
        worker.stop()

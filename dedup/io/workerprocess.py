"""A process that extracts, seen from the one that started it."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from typing import Any, NamedTuple

from dedup.io.serving import ANSWER

#: The child looks for modules where its parent does, and nothing of the parent's own script is run again.
_PROGRAM = "import json, sys; sys.path[:], *given = json.loads(sys.argv[1]); from dedup.io.serving import serve; serve(*given)"
_STARTING = 60.0  # seconds; a machine may be busy
_PATIENCE = 5.0
_CHUNK = 1 << 20


class Failure(NamedTuple):
    """Why there is no article of a page."""

    reason: str


class ExtractorError(Exception):
    """An extractor that can't be imported."""


class WorkerProcess:
    """A process that extracts one page at a time.

    Parameters
    ----------
    extractor, seconds, memory
        As :func:`dedup.io.serving.serve` takes them.

    Attributes
    ----------
    is_alive : bool
        Whether it can be asked; it can't after one page was too much for it.
    pid : int
        Number of the process.

    Notes
    -----
    A program of its own, no copy of its parent, which has threads. It ends when the pipe to it is closed, as the
    system does for a parent that was killed.
    """

    def __init__(self, extractor: str, seconds: float, memory: int) -> None:
        given = json.dumps([sys.path, extractor, seconds, memory])
        self._seconds = seconds
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, and arguments of our own
            [sys.executable, "-c", _PROGRAM, given],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,  # Ctrl-C is the parent's
        )
        self.is_alive = True
        assert self._process.stdin is not None and self._process.stdout is not None  # noqa: PT018 - for type checkers
        self._to, self._from = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._to, False)
        os.set_blocking(self._from, False)
        self._hello: dict[str, Any] | None = None

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    def ask(self, request: bytes) -> dict[str, Any] | Failure:
        """Article of a page as :func:`dedup.io.serving.pack_page` packs it, or why there is none.

        Raises
        ------
        ExtractorError
            If the extractor can't be imported.
        """
        try:
            if self._hello is None:
                self._hello = self._receive(time.monotonic() + _STARTING)
            if "error" in self._hello:
                self.stop()
                raise ExtractorError(self._hello["error"])
            # Its own time is counted by the process itself; it may wait for a core, or sleep, a few times as long.
            deadline = time.monotonic() + 5 * self._seconds + _PATIENCE
            self._send(request, deadline)
            answer = self._receive(deadline)
        except TimeoutError:
            self.stop()
            return Failure(_too_long(self._seconds))
        except (EOFError, OSError):
            return Failure(self._why_ended())
        if "error" in answer:
            return Failure(f"the extractor {answer['error']}")
        article: dict[str, Any] = answer["article"]
        return article

    def kill(self) -> None:
        """End the process, whatever it does; whoever asks it is told that it is gone."""
        self._process.kill()

    def stop(self) -> None:
        """End the process, and forget it."""
        self.is_alive = False
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _why_ended(self) -> str:
        """What to say of a process that is gone, most likely because of the page that it had."""
        try:
            status = self._process.wait(1)
        except subprocess.TimeoutExpired:
            status = 0  # it closed its pipe and lives on
        self.stop()
        if status == -signal.SIGPROF:
            return _too_long(self._seconds)
        return (
            f"the extractor ended with signal {-status}"
            if status < 0
            else f"the extractor ended with status {status}"
        )

    def _send(self, data: bytes, deadline: float) -> None:
        rest = memoryview(data)
        while rest:
            self._wait(self._to, select.POLLOUT, deadline)
            rest = rest[os.write(self._to, rest[:_CHUNK]) :]

    def _receive(self, deadline: float) -> dict[str, Any]:
        (length,) = ANSWER.unpack(self._take(ANSWER.size, deadline))
        answer: dict[str, Any] = json.loads(self._take(length, deadline))
        return answer

    def _take(self, length: int, deadline: float) -> bytes:
        taken = bytearray()
        while len(taken) < length:
            self._wait(self._from, select.POLLIN, deadline)
            chunk = os.read(self._from, min(length - len(taken), _CHUNK))
            if not chunk:
                raise EOFError
            taken += chunk
        return bytes(taken)

    @staticmethod
    def _wait(pipe: int, event: int, deadline: float) -> None:
        """Wait until a pipe is ready, or broken."""
        poll = select.poll()
        poll.register(pipe, event)
        if not poll.poll(max(deadline - time.monotonic(), 0) * 1000):
            raise TimeoutError


def _too_long(seconds: float) -> str:
    return f"the extractor took longer than {seconds:g} s"

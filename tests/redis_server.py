"""A real Redis server for the tests, on a socket in a folder of its own."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Self

import redis

from dedup.index.redis import RedisIndex

#: Names for indexes, each given once.
NAMES = (f"index{number}" for number in count())
#: None where it is not installed.
EXECUTABLE = shutil.which("redis-server") or shutil.which("valkey-server")


@dataclass
class RedisServer:
    """A server that keeps nothing on disk; a context manager. Stopped and started again, it is empty."""

    options: tuple[str, ...] = ()
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="redis-")))
    process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        return self.folder / "socket"

    def uri(self, **options: object) -> str:
        query = "&".join(f"{name}={value}" for name, value in options.items())
        return f"unix://{self.socket}?{query}"

    def start(self) -> None:
        assert EXECUTABLE is not None
        self.process = subprocess.Popen(
            [
                *(EXECUTABLE, "--port", "0", "--unixsocket", str(self.socket), "--dir", str(self.folder)),
                *("--save", "", "--appendonly", "no", *self.options),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 20
        with closing(connected(self)) as client:
            while not answers(client):
                assert self.process.poll() is None, "redis-server ended at once"
                assert time.monotonic() < deadline, "redis-server does not answer"
                time.sleep(0.01)

    def stop(self) -> None:
        """Kill it: nothing is to be saved."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
            self.socket.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def answers(client: Any) -> bool:
    """Whether the server has its data loaded."""
    try:
        return bool(client.ping())
    except redis.exceptions.ConnectionError:
        return False


def connected(server: RedisServer) -> Any:
    """Make a client of the driver's."""
    return redis.Redis.from_url(server.uri())


def opened(server: RedisServer, **options: object) -> RedisIndex:
    """Make an index that is set up, of few small hashes."""
    index = RedisIndex(server.uri(**{"prefix": next(NAMES), "spread": 8, **options}))
    index.setup({}, b"")
    return index


def names(index: RedisIndex, client: Any, kind: str = "") -> list[bytes]:
    """Give the names of the keys of an index, or those of one kind."""
    return list(client.scan_iter(index._server._root + kind + "*"))

"""A Redis server: the one file that talks to it."""

from __future__ import annotations

import struct
from contextlib import contextmanager
from functools import cache
from hashlib import sha1
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from dedup.errors import MissingExtraError, StorageError
from dedup.index.address import parse_address
from dedup.index.complaints import explain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

_LAYOUT = 1
#: 2**18 small hashes: their names cost 26 MB at most, and with 48 keys an article they stay packed up to 2.8 M articles.
_SPREAD = 18
#: Options of the driver that an address may have.
_OPTIONS = (
    *("db", "username", "password", "client_name", "max_connections", "health_check_interval"),
    *("socket_timeout", "socket_connect_timeout", "socket_keepalive", "ssl_ca_certs", "ssl_certfile"),
    *("ssl_keyfile", "ssl_password", "ssl_cert_reqs", "ssl_check_hostname"),
)


class _Script(NamedTuple):
    source: str
    sha: str


@cache
def _read_script(name: str) -> _Script:
    folder = Path(__file__).parent / "lua"
    head = "" if name == "setup" else (folder / "common.lua").read_text("utf-8")
    source = head + (folder / f"{name}.lua").read_text("utf-8")
    return _Script(source, sha1(source.encode(), usedforsecurity=False).hexdigest())


class Server:
    """Runs scripts on the keys of one index, and tells errors in our words.

    Parameters
    ----------
    uri : str
        As :class:`dedup.index.redis.RedisIndex` takes it.

    Attributes
    ----------
    ttl : int
        Seconds after which what nobody wrote to is deleted; 0 for never.
    """

    def __init__(self, uri: str) -> None:
        self._driver = _import_driver()
        self._address = parse_address(uri, _OPTIONS, _SPREAD)
        self.ttl = self._address.ttl
        # A commit whose answer got lost must not be sent again: it may have been done.
        once = self._driver.retry.Retry(self._driver.backoff.NoBackoff(), 0)
        waits = {"socket_timeout": 30.0, "socket_connect_timeout": 5.0}
        self._client: Any = self._driver.Redis.from_url(self._address.server, retry=once, **waits)
        self._root = f"{{{self._address.prefix}}}:"
        self._spread = 0

    @property
    def spread(self) -> int:
        """Bits of a key that choose its small hash: settled when the index is set up."""
        if not self._spread:
            self._learn(self.call("hget", "meta", "layout"))
        return self._spread

    def setup(
        self, manifest: str, context: bytes, instead_of: tuple[bytes, bytes] | None = None
    ) -> tuple[bytes, bytes]:
        """Store manifest and context unless some are, or in their place; give those that are."""
        layout = f"{_LAYOUT} {self._address.spread}"
        stored = self._evaluate("setup", layout, manifest, context, self.ttl, *(instead_of or ()))
        self._learn(stored[0])
        return stored[1], stored[2]

    def stored(self) -> tuple[bytes, bytes] | None:
        """Manifest and context, if some are stored."""
        layout, manifest, context = self.call("hmget", "meta", "layout", "manifest", "context")
        if layout is None:
            return None
        self._learn(layout)
        return manifest, context

    def run(self, script: str, *arguments: Any) -> Any:  # noqa: ANN401 - what it gives
        """Run a script on the index, whose layout it checks."""
        return self._evaluate(script, f"{_LAYOUT} {self.spread}", *arguments)

    def call(self, command: str, name: str, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        """Send a command on one key of the index."""
        with self.told():
            return getattr(self._client, command)(self._root + name, *arguments, **options)

    def memory(self) -> dict[str, Any]:
        """What the server tells of its memory."""
        with self.told():
            told: dict[str, Any] = self._client.info("memory")
            return told

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    @contextmanager
    def told(self) -> Iterator[None]:
        """Turn errors of the driver, and those of reading what it gave, into ours."""
        try:
            yield
        except self._driver.exceptions.RedisError as error:
            raise StorageError(self._address.shown, explain(error)) from error
        except (ValueError, struct.error) as error:
            reason = f"what is stored can't be read ({error}): see what `dedup index verify` tells"
            raise StorageError(self._address.shown, reason) from error

    def _learn(self, layout: bytes | None) -> None:
        if layout is None:
            reason = "there is no index under this prefix: it was never set up, or deleted"
            raise StorageError(self._address.shown, reason)
        version, _, spread = layout.decode("ascii", "replace").partition(" ")
        if version != str(_LAYOUT) or not spread.isdecimal() or not 8 <= int(spread) <= 24:
            reason = f"layout {layout!r} is of another version of this package"
            raise StorageError(self._address.shown, reason)
        self._spread = int(spread)

    def _evaluate(self, name: str, *arguments: Any) -> Any:  # noqa: ANN401
        script = _read_script(name)
        with self.told():
            try:
                return self._client.evalsha(script.sha, 1, self._root, *arguments)
            except self._driver.exceptions.NoScriptError:
                return self._client.eval(script.source, 1, self._root, *arguments)


def _import_driver() -> ModuleType:
    try:
        import redis  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError("an index on a Redis server", "redis") from error
    return redis

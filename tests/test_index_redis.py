from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

import pytest
import redis

from dedup.index.redis import RedisIndex
from tests.index_contract import IndexContract
from tests.redis_server import EXECUTABLE, RedisServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.index_places import Place

NAMES = (f"index{number}" for number in count())


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    if EXECUTABLE is None:
        assert not os.environ.get("CI"), "CI needs redis-server"
        pytest.skip("there is no redis-server")
    with RedisServer() as server:
        yield server


@dataclass
class RedisPlace:
    uri: str
    shared: bool = True
    refuses: bool = True

    def open(self) -> RedisIndex:
        return RedisIndex(self.uri)

    def damage(self) -> None:
        with closing(redis.Redis.from_url(self.uri.partition("?")[0])) as client:
            for key in client.scan_iter("*:p*"):
                client.hset(key, mapping=dict.fromkeys(client.hkeys(key), b"\xff\xff\xff\xff"))


class TestRedisIndex(IndexContract):
    @pytest.fixture
    def places(self, server: RedisServer) -> Callable[[], Place]:
        return lambda: RedisPlace(server.uri(prefix=next(NAMES), spread=8))

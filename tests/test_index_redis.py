from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import redis

from dedup.errors import StorageError
from dedup.index import redis as module
from dedup.index.redis import RedisIndex
from tests.index_contract import IndexContract
from tests.index_places import add_until_done, array, drop, entry, fill, hashed, lists, posted, state
from tests.redis_server import NAMES, connected, names, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.index_places import Place
    from tests.redis_server import RedisServer


@dataclass
class RedisPlace:
    uri: str
    shared: bool = True
    refuses: bool = True

    def open(self) -> RedisIndex:
        return RedisIndex(self.uri)

    def damage(self) -> None:
        with closing(redis.Redis.from_url(self.uri.partition("?")[0])) as client:
            prefix = self.uri.partition("prefix=")[2].partition("&")[0]
            for key in client.scan_iter(f"{{{prefix}}}:p*"):
                client.hset(key, mapping=dict.fromkeys(client.hkeys(key), b"\xff\xff\xff\xff"))


class TestRedisIndex(IndexContract):
    @pytest.fixture
    def places(self, redis_server: RedisServer) -> Callable[[], Place]:
        return lambda: RedisPlace(redis_server.uri(prefix=next(NAMES), spread=8))


class TestRedisIndexOfManyHashes(IndexContract):
    """The keys are packed otherwise, and every script looks at little."""

    @pytest.fixture
    def places(self, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Place]:
        for name, few in (
            ("_WHOLE", 2),
            ("_KEYS", 5),
            ("_NUMBERS", 3),
            ("_BLOCKS", 2),
            ("_PART", 7),
            ("_HASHES", 1000),
        ):
            monkeypatch.setattr(module, name, few)
        return lambda: RedisPlace(redis_server.uri(prefix=next(NAMES), spread=10, ttl="1h"))


@pytest.fixture
def index(redis_server: RedisServer) -> Iterator[RedisIndex]:
    with closing(opened(redis_server)) as index:
        yield index


@pytest.fixture
def client(redis_server: RedisServer) -> Iterator[Any]:
    with closing(connected(redis_server)) as client:
        yield client


# Opening


def test_another_spread_does_not_mislead(redis_server: RedisServer) -> None:
    with closing(opened(redis_server, prefix="same", spread=8)) as one:
        fill(one, 1, hashed(5))
        with closing(opened(redis_server, prefix="same", spread=20)) as other:
            assert lists(other.postings(hashed(5), 5)) == [[1]]


def test_prefixes_are_apart(redis_server: RedisServer) -> None:
    with closing(opened(redis_server)) as one, closing(opened(redis_server)) as other:
        fill(one, 1, hashed(5))
        assert lists(other.postings(hashed(5), 5)) == [[]]


# Layout


def test_long_lists_leave_the_small_hashes_packed(index: RedisIndex, client: Any) -> None:
    fill(index, 50, hashed(*range(20)))
    assert {client.object("encoding", name) for name in names(index, client, "p")} == {b"listpack"}
    assert len(names(index, client, "l")) == 20
    drop(index, range(1, 45))
    index.compact()
    assert names(index, client, "l") == []
    assert lists(index.postings(hashed(3), 100)) == [[*range(45, 51)]]
    drop(index, range(45, 51))
    index.compact()
    assert names(index, client, "p") == []


def test_hashes_that_outgrew_the_packed_form_return_to_it(redis_server: RedisServer, client: Any) -> None:
    with closing(opened(redis_server, ttl="1h")) as index:
        keys = hashed(*range(200_000))
        in_one = np.sort(keys)[:600]
        fill(index, 1, in_one)
        fill(index, 1, in_one[:100])
        assert b"hashtable" in {client.object("encoding", name) for name in names(index, client, "p")}
        drop(index, [1])
        index.compact()
        assert {client.object("encoding", name) for name in names(index, client, "p")} == {b"listpack"}
        assert all(client.ttl(name) > 0 for name in names(index, client))
        assert lists(index.postings(in_one[98:102], 5)) == [[2], [2], [], []]


def test_keys_expire_only_if_asked(index: RedisIndex, redis_server: RedisServer, client: Any) -> None:
    fill(index, 20, hashed(1))
    assert {client.ttl(name) for name in names(index, client)} == {-1}
    with closing(opened(redis_server, ttl="60d")) as expiring:
        fill(expiring, 20, hashed(1))
        add_until_done(expiring, hashed(1, 2))
        assert len(names(expiring, client)) >= 6
        assert all(0 < client.ttl(name) <= 60 * 86_400 for name in names(expiring, client))


def test_who_joins_keeps_the_leader_alive(redis_server: RedisServer, client: Any) -> None:
    with closing(opened(redis_server, ttl="60d")) as index:
        fill(index, 2, hashed(1))
        last = index.reserve(200)
        for name in names(index, client):
            client.expire(name, 100)
        index.commit(posted(hashed(1), entry(last, leader=1), clusters=[state(1, 2, kept=2)]))
        assert all(client.ttl(name) > 100 for name in names(index, client))


def test_sizes_of_a_large_index_are_estimated(index: RedisIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(index, 2000)
    exact = index.sizes()
    monkeypatch.setattr(module, "_MEASURED", 16)
    estimated = index.sizes()
    assert {name: abs(estimated[name] / exact[name] - 1) < 0.3 for name in exact} == dict.fromkeys(
        exact, True
    )


def test_numbers_end(index: RedisIndex, client: Any) -> None:
    client.hset(index._server._root + "meta", "last", 2**32 - 3)
    assert index.reserve(2) == 2**32 - 2
    with pytest.raises(StorageError, match="start a new index"):
        index.reserve(1)


# Damage


@pytest.mark.parametrize(
    ("kind", "number", "content", "told"),
    [
        ("e", 3, b"short", "entry 3 is cut"),
        ("e", 3, None, "cluster 3 has no leader"),
        ("c", 3, None, "entry 3 belongs to the cluster of 3 which is unknown"),
        ("c", 3, b"short", "cluster 3 is cut"),
        ("c", 3, bytes(24), "cluster 3 keeps 0 which is forgotten"),
        ("e", 3, b"\0\0\0\x09" + bytes(24), "entry 3 follows 9 which is forgotten"),
        ("e", 40, bytes(28), "entry 40 was never given; the last is 5"),
    ],
)
def test_damage_is_named(
    index: RedisIndex, client: Any, kind: str, number: int, content: bytes | None, told: str
) -> None:
    fill(index, 5)
    assert index.verify() == []
    name, field = f"{index._server._root}{kind}0", bytes([number])
    if content is None:
        client.hdel(name, field)
    else:
        client.hset(name, field, content)
    assert told in index.verify()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\0\0\0", "end within a number"),
        (b"\0\0\0\0", "name 0 which was never given"),
        (b"\0\0\0\x63", "name 99 which was never given; the last is 5"),
        (b"", "are said to be long and are absent"),
    ],
)
def test_damaged_postings_are_named(index: RedisIndex, client: Any, content: bytes, told: str) -> None:
    fill(index, 5, hashed(1))
    [name] = names(index, client, "p")
    [field] = client.hkeys(name)
    client.hset(name, field, content)
    [problem] = index.verify()
    assert told in problem
    if len(content) == 3:
        with pytest.raises(StorageError, match="dedup index verify"):
            index.find(hashed(1), 5)


def test_a_foreign_field_is_named(index: RedisIndex, client: Any) -> None:
    client.hset(index._server._root + "p\0\0\0", "x", "y")
    assert index.verify()[0] == "a key of 4 bytes among the postings"


def test_a_damaged_entry_is_an_error(index: RedisIndex, client: Any) -> None:
    fill(index, 2, hashed(1))
    for content in (b"short", bytes(20) + b"\xff" * 8):
        client.hset(index._server._root + "e0", b"\x01", content)
        with pytest.raises(StorageError, match="can't be read"):
            index.entries(array(1))

"""What goes wrong between an index and its server."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import pytest
import redis

from dedup.errors import MissingExtraError, ParameterError, StorageError
from dedup.index.base import Change
from dedup.index.redis import RedisIndex
from tests.index_places import add_until_done, array, drop, entry, fill, hashed, lists, posted
from tests.redis_server import RedisServer, connected, names, opened

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def index(redis_server: RedisServer) -> Iterator[RedisIndex]:
    with closing(opened(redis_server)) as index:
        yield index


@pytest.fixture
def client(redis_server: RedisServer) -> Iterator[Any]:
    with closing(connected(redis_server)) as client:
        yield client


@pytest.fixture
def own_server(redis_server: RedisServer) -> Iterator[RedisServer]:
    """Give a server that a test may spoil."""
    with RedisServer() as server:
        yield server


def test_an_index_that_was_not_set_up_says_so(redis_server: RedisServer) -> None:
    with closing(RedisIndex(redis_server.uri(prefix="absent"))) as index:
        with pytest.raises(StorageError, match="never set up, or deleted"):
            index.find(hashed(1), 5)
        assert index.counts() == {}


def test_another_layout_is_refused(index: RedisIndex, client: Any) -> None:
    client.hset(index._server._root + "meta", "layout", "7 8")
    with pytest.raises(StorageError, match="another version"):
        index.stored()
    with pytest.raises(StorageError, match="open it again"):
        index.find(hashed(1), 5)


def test_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'news-dedup\[redis\]'"):
        RedisIndex("redis://localhost")


def test_an_address_that_is_none(redis_server: RedisServer) -> None:
    with pytest.raises(ParameterError, match="no option 'tll'"):
        RedisIndex(redis_server.uri(tll="60d"))


def assert_nothing_is_done(index: RedisIndex, message: str, cause: type[Exception]) -> None:
    change = posted(hashed(1, 2, 3), entry(90), entry(91), counts={"articles": 1}, dropped=array())
    with pytest.raises(StorageError, match=message) as caught:
        index.commit(change)
    assert isinstance(caught.value.__cause__, cause)


def test_a_lost_connection_is_told_and_found_again(own_server: RedisServer) -> None:
    own_server.options = ("--appendonly", "yes", "--appendfsync", "always")
    own_server.stop()
    own_server.start()
    with closing(opened(own_server)) as index:
        fill(index, 2, hashed(1))
        found = index.find(hashed(1), 5, reserve=1)
        own_server.stop()
        assert_nothing_is_done(index, "no connection to the server", redis.exceptions.ConnectionError)
        with pytest.raises(StorageError, match="no connection to the server"):
            index.counts()
        own_server.start()
        assert index.commit(posted(hashed(1), entry(found.first)), found)
        assert lists(index.postings(hashed(1), 5)) == [[1, 2, 3]]
        assert index.verify() == []


def test_a_server_that_forgot_is_told(own_server: RedisServer) -> None:
    with closing(opened(own_server)) as index:
        fill(index, 1, hashed(1))
        own_server.stop()
        own_server.start()
        with pytest.raises(StorageError, match="open it again"):
            index.find(hashed(1), 5)
        index.setup({}, b"")
        assert lists(index.postings(hashed(1), 5)) == [[]]


def test_a_server_without_memory(own_server: RedisServer) -> None:
    with closing(opened(own_server)) as index, closing(connected(own_server)) as client:
        fill(index, 60, hashed(1))
        fill(index, 60)
        client.config_set("maxmemory", 1)
        assert_nothing_is_done(index, "out of memory", redis.exceptions.ResponseError)
        assert lists(index.postings(hashed(1, 2, 3), 100)) == [[*range(1, 61)], [], []]
        assert index.entries(array(90, 91)) == {90: entry(90), 91: entry(91)}
        assert index.counts() == {}
        drop(index, range(1, 120))
        index.compact()
        assert index.postings(hashed(1), 100).lengths.tolist() == [0]
        client.config_set("maxmemory", 0)
        fill(index, 1, hashed(1))
        assert index.verify() == []


def test_a_server_that_evicts_is_told_of(own_server: RedisServer) -> None:
    with closing(opened(own_server)) as index, closing(connected(own_server)) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        assert index.verify() == []
        client.config_set("maxmemory", 2**30)
        assert index.verify() == [
            "the server may delete parts of the index: maxmemory-policy is allkeys-lru, not noeviction"
        ]


def test_a_replica_is_told(own_server: RedisServer) -> None:
    with closing(opened(own_server)) as index, closing(connected(own_server)) as client:
        fill(index, 1, hashed(1))
        client.execute_command("REPLICAOF", "127.0.0.1", "1")
        assert_nothing_is_done(index, "give the address of the primary", redis.exceptions.ResponseError)
        assert lists(index.find(hashed(1), 5).postings) == [[1]]
        with pytest.raises(StorageError, match="give the address of the primary"):
            index.reserve(1)


def test_passwords_are_asked_for_and_not_told(own_server: RedisServer) -> None:
    with closing(connected(own_server)) as client:
        client.config_set("requirepass", "secret")
    right = RedisIndex(own_server.uri(password="secret", spread=8))
    with closing(right):
        right.setup({}, b"")
    for options in ({"password": "wr0ng"}, {}):
        with closing(RedisIndex(own_server.uri(**options))) as index:
            with pytest.raises(StorageError, match="refuses user and password") as caught:
                index.setup({}, b"")
            assert "wr0ng" not in str(caught.value)
    own_server.stop()
    with closing(right), pytest.raises(StorageError) as caught:
        right.counts()
    assert "secret" not in str(caught.value)
    assert "password=***" in str(caught.value)


@pytest.mark.parametrize("kind", ["p", "l", "e", "c", "counts"])
def test_keys_of_another_program_are_told_and_nothing_is_done(
    index: RedisIndex, client: Any, kind: str
) -> None:
    fill(index, 20, hashed(1))
    before = {name: client.dump(name) for name in names(index, client)}
    of_kind = {"e": "e1", "c": "c1"}.get(kind, kind)
    for name in names(index, client, of_kind) or [(index._server._root + of_kind).encode()]:
        client.delete(name)
        client.rpush(name, "theirs")
        before[name] = client.dump(name)
    assert_nothing_is_done(index, "choose another prefix", redis.exceptions.ResponseError)
    assert {name: client.dump(name) for name in names(index, client)} == before


def test_a_counter_that_is_none_is_told_and_nothing_is_done(index: RedisIndex, client: Any) -> None:
    client.hset(index._server._root + "counts", "articles", "many")
    before = {name: client.dump(name) for name in names(index, client)}
    assert_nothing_is_done(index, "dedup index verify", redis.exceptions.ResponseError)
    assert {name: client.dump(name) for name in names(index, client)} == before


def test_a_server_that_does_not_answer(redis_server: RedisServer, client: Any) -> None:
    with closing(opened(redis_server, socket_timeout=0.05)) as index:
        client.execute_command("CLIENT", "PAUSE", 300)
        with pytest.raises(StorageError, match="does not answer"):
            index.find(hashed(1), 5)
        client.execute_command("CLIENT", "UNPAUSE")
        assert lists(index.find(hashed(1), 5).postings) == [[]]


def test_scripts_that_the_server_forgot(index: RedisIndex, client: Any) -> None:
    fill(index, 1, hashed(1))
    client.script_flush()
    fill(index, 1, hashed(1))
    assert lists(index.postings(hashed(1), 5)) == [[1, 2]]


def test_a_cluster_finds_all_in_one_slot(redis_server: RedisServer) -> None:
    with RedisServer(("--cluster-enabled", "yes")) as server:
        with closing(connected(server)) as client:
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
            while b"cluster_state:ok" not in client.execute_command("CLUSTER", "INFO", NEVER_DECODE=True):
                pass
        with closing(opened(server, ttl="1d")) as index:
            fill(index, 40, hashed(1, 2))
            given = add_until_done(index, hashed(2, 3))
            drop(index, range(1, 38))
            index.compact()
            assert lists(index.postings(hashed(1, 2, 3), 50)) == [[38, 39, 40], [38, 39, 40, given], [given]]
            assert index.verify() == []


def add_in_child(index: RedisIndex, queue: Any) -> None:
    queue.put([add_until_done(index, hashed(1)) for _ in range(10)])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_fork_may_go_on(index: RedisIndex) -> None:
    fill(index, 1, hashed(1))
    context = get_context("fork")
    queue = context.SimpleQueue()
    with index.turn(write=True):  # which the child does not wait for
        child = context.Process(target=add_in_child, args=(index, queue))
        child.start()
        theirs = queue.get()
        child.join()
    ours = [add_until_done(index, hashed(1)) for _ in range(10)]
    assert lists(index.postings(hashed(1), 50)) == [[1, *theirs, *ours]]


def test_an_empty_change_is_done(index: RedisIndex) -> None:
    assert index.commit(Change())

from __future__ import annotations

import pytest

from dedup.errors import ParameterError
from dedup.index.address import Address, hide, parse_address

OPTIONS = ("db", "socket_timeout")


def test_what_is_not_said_has_a_default() -> None:
    uri = "redis://localhost:6379/2"
    assert parse_address(uri, OPTIONS, 18) == Address(uri, uri, "dedup", 0, 18)


def test_our_options_are_taken_out_and_theirs_are_left() -> None:
    address = parse_address(
        "unix:///run/redis.sock?prefix=a%20b&db=3&ttl=90m&spread=20&socket_timeout=5", OPTIONS, 18
    )
    assert (address.prefix, address.ttl, address.spread) == ("a b", 5400, 20)
    assert address.server == "unix:///run/redis.sock?db=3&socket_timeout=5"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30", 30), ("30s", 30), ("2m", 120), ("12h", 43_200), ("60d", 5_184_000), ("1w", 604_800)],
)
def test_durations(text: str, seconds: int) -> None:
    assert parse_address(f"redis://localhost?ttl={text}", (), 18).ttl == seconds


@pytest.mark.parametrize(
    ("uri", "told"),
    [
        ("http://localhost", "is no address"),
        ("redis://localhost:port", "is no address"),
        ("redis://localhost#here", "is no address"),
        (
            "redis://localhost?color=red",
            "no option 'color'; there are db, prefix, socket_timeout, spread, ttl",
        ),
        ("redis://localhost?prefix=", "is no name"),
        ("redis://localhost?prefix={a}", "is no name"),
        ("redis://localhost?spread=7", "8 to 24"),
        ("redis://localhost?spread=many", "8 to 24"),
        ("redis://localhost?ttl=-1d", "is no duration"),
        ("redis://localhost?ttl=1y", "is no duration"),
        ("redis://localhost?ttl=", "is no duration"),
    ],
)
def test_what_cannot_be_met_is_refused(uri: str, told: str) -> None:
    with pytest.raises(ParameterError) as caught:
        parse_address(uri.replace("localhost", "user:s3cret@localhost"), OPTIONS, 18)
    assert told in str(caught.value)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        ("redis://localhost/0", "redis://localhost/0"),
        ("redis://user:p@ss@localhost/0?ttl=1d", "redis://***@localhost/0?ttl=1d"),
        ("rediss://:p#ss@localhost", "rediss://***@localhost"),
        (
            "unix://user:pw@/run/x?password=a&db=1&ssl_password=b",
            "unix://***@/run/x?password=***&db=1&ssl_password=***",
        ),
    ],
)
def test_secrets_are_hidden(uri: str, shown: str) -> None:
    assert hide(uri) == shown

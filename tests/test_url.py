"""URLs."""

from __future__ import annotations

import pytest

from dedup.url import host_of


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://www.Lockport-Mail.example/news/1", "www.lockport-mail.example"),
        ("//lockport-mail.example", "lockport-mail.example"),
        ("lockport-mail.example/1", None),
        ("urn:1", None),
        ("", None),
        (None, None),
    ],
)
def test_host(url: str | None, host: str | None) -> None:
    assert host_of(url) == host

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


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://web.archive.org/web/20160713133032/http://www.lockport-mail.example:80/news/1", "www.lockport-mail.example"),
        ("https://web.archive.org/web/2016id_/https:/lockport-mail.example/1", "lockport-mail.example"),
        ("//web.archive.org/web/2016*/lockport-mail.example", "lockport-mail.example"),
        ("https://WEB.archive.org/web/2016/HTTP://Lockport-Mail.example/1", "lockport-mail.example"),
        ("https://web.archive.org/web/2016/", "web.archive.org"),
        ("https://web.archive.org/about", "web.archive.org"),
        ("https://web.archive.org.example/web/2016/http://a.example", "web.archive.org.example"),
        ("https://a.example/web/2016/http://b.example", "a.example"),
        ("http://lockport-mail.example:8080/1", "lockport-mail.example"),
        ("http://[::1]/1", "[::1]"),
    ],
)  # fmt: skip
def test_hosts_of_archived_pages_and_ports(url: str, host: str) -> None:
    assert host_of(url) == host

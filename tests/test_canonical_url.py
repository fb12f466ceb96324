"""Canonical URLs: one name for a page, and never one for two."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import dedup
from dedup.tracking import FAMILIES, PREFIXES, WORDED, is_tracking
from dedup.url import LONGEST, canonical_url, url_id, url_keys

if TYPE_CHECKING:
    import random

PAGE = "https://mail.example/2026/03/pool-7"


@pytest.mark.parametrize(
    "url",
    [
        "http://mail.example/2026/03/pool-7",
        "HTTPS://Mail.Example/2026/03/pool-7",
        "//mail.example/2026/03/pool-7",
        "https://www.mail.example/2026/03/pool-7",
        "https://m.mail.example/2026/03/pool-7",
        "https://mobile.mail.example/2026/03/pool-7",
        "https://amp.mail.example/2026/03/pool-7",
        "https://www.m.mail.example/2026/03/pool-7",
        "http://mail.example:80/2026/03/pool-7",
        "https://mail.example:443/2026/03/pool-7",
        "https://mail.example:/2026/03/pool-7",
        "https://reader:secret@mail.example/2026/03/pool-7",
        "https://mail.example./2026/03/pool-7",
        "https://mail.example/2026/03/pool-7/",
        "https://mail.example//2026/./03/x/../pool-7",
        "https://mail.example/2026/03/%70ool%2D7",
        "https://mail.example/2026/03/pool-7/index.html",
        "https://mail.example/2026/03/pool-7#comments",
        "https://mail.example/2026/03/pool-7?",
        "https://mail.example/2026/03/pool-7?&&",
        "https://mail.example/2026/03/pool-7?utm_source=rss&utm_medium=feed",
        "https://mail.example/2026/03/pool-7?UTM_CAMPAIGN=x&fbclid=IwAR0&gclid=1&mc_cid=a1&ref=home&CMP=share_btn",
        "https://mail.example/2026/03/pool-7?utm_source=rss&amp;utm_medium=feed",
        "https://mail.example/2026/03/pool-7;jsessionid=0A1B?PHPSESSID=9",
        "https://mail.example/2026/03/pool-7/amp",
        "https://mail.example/2026/03/pool-7/amp/?amp_js_v=0.1&usqp=mq331",
        "https://mail.example/amp/2026/03/pool-7",
        "https://mail.example/.amp/2026/03/pool-7",
        "https://mail.example/platform/amp/2026/03/pool-7",
        "https://mail.example/2026/03/pool-7.amp",
        "https://mail.example/2026/03/pool-7?amp",
        "https://mail.example/2026/03/pool-7?amp=1",
        "https://mail.example/2026/03/pool-7?hs_amp=true",
        "https://mail.example/2026/03/pool-7?outputType=amp",
        "https://mail-example.cdn.ampproject.org/c/s/www.mail.example/2026/03/pool-7/amp",
        "https://cdn.ampproject.org/v/s/mail.example/2026/03/pool-7?amp_gsa=1",
        "https://www.google.com/amp/s/www.mail.example/2026/03/pool-7",
        "https://www.google.co.uk/amp/mail.example/2026/03/pool-7",
        "http://web.archive.org/web/20260713133032/http://www.mail.example:80/2026/03/pool-7",
        "https://web.archive.org/web/2026id_/https:/mail.example/2026/03/pool-7?utm_source=x",
        "https://archive.ph/20260713133032/https://mail.example/2026/03/pool-7",
        "https://web.archive.org/web/2026/https://www.google.com/amp/s/amp.mail.example/2026/03/pool-7",
        "  https://mail.example/2026/\n03/pool-7\t",
        "https:\\\\mail.example\\2026\\03\\pool-7",
        "https://%6Dail.example/2026/03/pool-7",
    ],
)  # fmt: skip
def test_names_of_one_page(url: str) -> None:
    assert canonical_url(url) == PAGE


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("http://a.example", "https://a.example/"),
        ("http://a.example/index.html", "https://a.example/"),
        ("http://a.example:8080/1", "https://a.example:8080/1"),
        ("http://a.example:008080/1", "https://a.example:8080/1"),
        ("https://a.example/?p=7&lang=en", "https://a.example/?lang=en&p=7"),
        ("https://a.example/1?b=2&a=1&b=1", "https://a.example/1?a=1&b=1&b=2"),
        ("https://a.example/1?q=%c3%a4&r=ä", "https://a.example/1?q=%C3%A4&r=%C3%A4"),
        ("https://a.example/новости/1", "https://a.example/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8/1"),
        ("https://a.example/100%/1%zz", "https://a.example/100%25/1%25zz"),
        ("https://a.example/a%2fb", "https://a.example/a%2Fb"),
        ("https://a.example/%2e%2e/a/%2E/b", "https://a.example/a/b"),
        ("https://a.example/#!/news/1", "https://a.example/#!/news/1"),
        ("https://bücher.example/1", "https://xn--bcher-kva.example/1"),
        ("https://BÜCHER.example/1", "https://xn--bcher-kva.example/1"),
        ("https://XN--BCHER-KVA.example/1", "https://xn--bcher-kva.example/1"),
        ("https://例え。テスト/1", "https://xn--r8jz45g.xn--zckzah/1"),
        ("https://[2001:DB8:0:0::1]:443/1", "https://[2001:db8::1]/1"),
        ("https://127.0.0.1/1", "https://127.0.0.1/1"),
        ("https://a.example/\0x", "https://a.example/%00x"),
        ("https://a.example/\ud800", "https://a.example/%ED%A0%80"),
        ("https://a.example/news/amp/world-50473792", "https://a.example/news/world-50473792"),
        ("https://a.example/story-1.amp.html", "https://a.example/story-1.html"),
        ("https://web.archive.org/web/2016/", "https://web.archive.org/web/2016"),
    ],
)  # fmt: skip
def test_forms(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # What names a page on some site stays.
        ("https://a.example/?id=1", "https://a.example/?id=2"),
        ("https://a.example/?p=1", "https://a.example/?p=2"),
        ("https://a.example/n?article=1", "https://a.example/n?article=2"),
        ("https://a.example/n?cid=1", "https://a.example/n?cid=2"),
        ("https://a.example/n?sid=1", "https://a.example/n?sid=2"),
        ("https://a.example/n?ref=1001", "https://a.example/n?ref=1002"),
        ("https://a.example/n?page=1", "https://a.example/n?page=2"),
        ("https://a.example/n-1?lang=de", "https://a.example/n-1?lang=fr"),
        ("https://a.example/A-1", "https://a.example/a-1"),
        ("https://a.example/a%2Fb", "https://a.example/a/b"),
        ("https://a.example/1?q=a+b", "https://a.example/1?q=a%2Bb"),
        ("https://a.example/#!/1", "https://a.example/#!/2"),
        ("https://a.example/n-1.html", "https://a.example/n-1"),
        ("https://a.example:8080/1", "https://a.example/1"),
        # AMP is a word.
        ("https://a.example/tag/amp", "https://a.example/tag"),
        ("https://a.example/amp", "https://a.example/"),
        ("https://a.example/tag/amp/2", "https://a.example/tag/2"),
        ("https://a.example/amp/about", "https://a.example/about"),
        ("https://a.example/1?amp=220", "https://a.example/1"),
        ("https://a.example/champion-1", "https://a.example/chion-1"),
        # Hosts that are no variant of another.
        ("https://m.co.uk/1", "https://www.co.uk/1"),
        ("https://mobile.de/1", "https://www.de/1"),
        ("https://amp.com.au/1", "https://www.com.au/1"),
        ("https://m.wordpress.com/2026/1", "https://mobile.wordpress.com/2026/1"),
        ("https://www3.mail.example/1", "https://www.mail.example/1"),
        ("https://sport.mail.example/1", "https://mail.example/1"),
        ("https://faß.example/1", "https://fass.example/1"),
        # No wrapper.
        ("https://web.archive.org.example/web/2016/http://a.example/1", "https://a.example/1"),
        ("https://a.example/web/2016/http://b.example/1", "https://b.example/1"),
        ("https://google.com/amp/topic", "https://topic/"),
    ],
)  # fmt: skip
def test_two_pages_have_two_names(one: str, other: str) -> None:
    assert canonical_url(one) is not None
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize(
    "url",
    [
        "", " ", "urn:1", "mailto:a@b.example", "ftp://a.example/1", "a.example/1", "/1", "#", "?", "https://",
        "https://a b.example/1", "https://a.example:x/1", "https://a.example:99999/1",
        "https://a.example:٣/1", "https://[::1/1", "https://[::1%25eth0]/1", "https://[zz]/1", "https://a..example/1",
        "https://a\0.example/1", "https://%ff.example/1", "https://℀.example/1", "https://\ud800.example/1",
        "https://" + "a" * 300 + "/1", "https://" + "ä" * 900 + "/1", "https://a.example/" + "x" * LONGEST,
        "https://a.example/" + "x" * 1_000_000, "https://web.archive.org/web/1/" * 20 + "https://a.example/1",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_page(url: str) -> None:
    assert canonical_url(url) is None
    assert url_id(url) == (url or None)


@pytest.mark.parametrize(
    "piece", ["/amp", "/..", "%", "&amp;", "[", "@", ":", ".amp", "/index.html", "//", ";", "\\", "m.", "ä"]
)
def test_long_and_hostile_ones_end(piece: str) -> None:
    for url in (
        f"https://a.example/1{piece * 9_000}",
        f"https://{piece * 9_000}",
        f"https://a.example/?{piece * 9_000}",
    ):
        name = canonical_url(url[:LONGEST])
        assert name is None or canonical_url(name) == name


_PIECES = st.sampled_from(
    ["https://", "http:", "//", "/", "\\", "?", "#", "#!", "&", "=", "%", "%2e", "%41", "%zz", "%2F", ".", "..", "amp", "/amp", ".amp",
     "amp=1", "amp;", "index.html", "www.", "m.", "mobile.", "a.example", "b-1.example", "co.uk", "news-1", "utm_source=x", "ref=7",
     "ref=x", ";jsessionid=1", ":80", ":8080", "@", "[::1]", "ä", "ß", "。", "\0", "\ud800", " ", "\n",
     "web.archive.org/web/2016/", "google.com/amp/s/", "x.cdn.ampproject.org/c/s/", "archive.ph/2020/", "html", "1", "A"]
)  # fmt: skip
URLS = (
    st.lists(_PIECES | st.text(max_size=3), max_size=14)
    .map("".join)
    .flatmap(lambda tail: st.sampled_from([tail, f"https://a.example/{tail}", f"https://{tail}"]))
)


@settings(max_examples=600)
@given(URLS)
@example("https://web.archive.org/amp/web/2016/http:/a.example/x-1")
@example("https://web.archive.org/x/../web/2016/http://a.example/1")
@example("https://google.com/amp/amp/s/x-1.example/1")
@example("https://a.example/1-/...amp")
@example("https://a.example/1/amp.amp")
def test_a_canonical_url_is_its_own(url: str) -> None:
    name = canonical_url(url)
    if name is not None:
        assert canonical_url(name) == name
        assert name.isascii()
        assert name.startswith("https://")
        assert re.search(r"[\x00-\x20\"<>\\^`{|}]", name) is None


@given(URLS)
def test_a_short_cut_changes_nothing(url: str) -> None:
    """A tab is taken out, and keeps a URL from the short cut."""
    assert canonical_url(url) == canonical_url(f"{url[:3]}\t{url[3:]}")


_PARAMETERS = st.lists(
    st.sampled_from(["id=1", "id=2", "p", "q=", "q=ä", "utm_source=x", "amp=1", "z=%7e"]), max_size=6
)


@given(_PARAMETERS, st.randoms())
def test_the_order_of_parameters_says_nothing(parameters: list[str], chance: random.Random) -> None:
    other = list(parameters)
    chance.shuffle(other)
    one, two = (canonical_url("https://a.example/n?" + "&".join(some)) for some in (parameters, other))
    assert one == two


@given(_PARAMETERS, st.sampled_from(sorted(name for names in FAMILIES.values() for name in names)))
def test_what_tracks_says_nothing(parameters: list[str], name: str) -> None:
    url = "https://a.example/n?" + "&".join(parameters)
    assert canonical_url(url) == canonical_url(f"{url}&{name}=7")


def test_lists_of_what_tracks() -> None:
    names = [name for names in FAMILIES.values() for name in names]
    assert len(set(names)) == len(names)
    assert all(name == name.lower() for name in (*names, *PREFIXES, *WORDED))
    assert not set(names) & set(WORDED)
    for name in (
        "id",
        "p",
        "article",
        "article_id",
        "cid",
        "sid",
        "nid",
        "story",
        "page",
        "source",
        "src",
        "v",
        "q",
        "s",
        "t",
        "date",
    ):
        assert not is_tracking(name, "x")


def test_keys() -> None:
    keys = url_keys(
        ["http://a.example/1/", "https://www.a.example/1", "urn:1", None, "", "https://a.example/2"]
    )
    assert keys.shape == (6, 2)
    assert keys.dtype == np.uint64
    assert (keys[0] == keys[1]).all()
    assert not keys[3:5].any()
    assert len(np.unique(keys, axis=0)) == 4
    assert url_keys([]).shape == (0, 2)


def test_it_is_public() -> None:
    assert dedup.canonical_url("http://a.example/") == "https://a.example/"

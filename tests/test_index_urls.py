"""Articles without ids in an index: by their pages."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dedup import deduplicate_into, open_index
from dedup.article import Article
from dedup.incremental.manifest import Manifest

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

STORY = "The council of the town voted on Monday to close the old swimming pool in the park at the end of the season."
EDITED = STORY.replace("Monday", "Tuesday")
OTHER = "A ferry ran aground in the fog near the northern pier, and forty passengers were brought ashore in boats."
URL, SAME = "https://www.post.example/pool-7?utm_source=rss", "http://m.post.example/pool-7/"
PAGE = "https://post.example/pool-7"


def test_a_page_is_known_however_it_was_linked() -> None:
    with open_index("memory://") as index:
        assert index.add({"url": URL, "text": STORY}).id == PAGE
        assert index.add({"url": SAME, "text": STORY}).repeated
        edited, other = (index.add({"url": SAME, "text": text}) for text in (EDITED, OTHER))
        assert (edited.version, edited.relation, edited.is_duplicate) == (True, "near", False)
        assert (other.version, other.relation) == (True, None)
        assert index.check({"url": URL, "text": OTHER}).repeated


def test_it_is_got_and_removed_by_any_of_its_urls() -> None:
    with open_index("memory://") as index:
        index.add({"url": URL, "text": STORY})
        index.add({"id": SAME, "text": OTHER})
        assert index.get(URL) == Article(STORY, PAGE, url=URL)
        found = index.get(SAME)
        assert found is not None
        assert (found.id, found.text) == (SAME, OTHER)
        assert index.get("https://post.example/pool-8") is None
        assert index.remove(URL) == 1
        assert index.get(PAGE) is None
        assert index.remove(URL) == 0
        assert len(index) == 1


def test_a_duplicate_with_another_id_may_be_a_version_too() -> None:
    with open_index("memory://") as index:
        index.add({"id": "a", "url": URL, "text": STORY})
        verdict = index.check({"id": "b", "url": SAME, "text": EDITED})
        assert (verdict.duplicate_of, verdict.version) == ("a", True)
        assert not index.check({"id": "b", "url": SAME, "text": STORY.upper()}).version
        assert not index.check({"id": "b", "url": "https://b.example/1", "text": EDITED}).version
        assert not index.check({"id": "b", "text": EDITED}).version


@dataclass(frozen=True, kw_only=True)
class _Before(Manifest):
    """As indexes were set up before URLs were canonical."""

    canonical_urls: bool = False


def test_an_older_index_goes_on_as_it_began(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uri = str(tmp_path / "news.dedup")
    with monkeypatch.context() as before:
        before.setattr("dedup.incremental.settling.Manifest", _Before)
        with open_index(uri) as index:
            assert index.add({"url": URL, "text": STORY}).id == URL
            assert "urls" not in index.manifest.as_dict()
    dump = tmp_path / "dump.jsonl"
    dump.write_text(
        "".join(
            json.dumps({"url": url, "text": text}) + "\n"
            for url, text in ((URL, STORY), (URL, f"{OTHER} More."))
        )
    )
    told = tmp_path / "told.jsonl"
    deduplicate_into(uri, [dump], tmp_path / "kept.jsonl", clusters=told)
    assert {json.loads(line)["id"] for line in told.read_text().splitlines()} == {URL, f"{URL}#{dump}:2"}
    with open_index(uri) as index:
        assert index.add({"url": URL, "text": STORY}).repeated
        assert index.add({"url": URL, "text": OTHER}).version
        assert (
            index.add({"id": "x", "url": URL, "text": "Rain is expected in the north on Sunday."}).id == "x"
        )
        verdict = index.add({"url": SAME, "text": EDITED})
        assert (verdict.id, verdict.duplicate_of, verdict.version) == (SAME, URL, True)
    with open_index(str(tmp_path / "new.dedup")) as index:
        assert index.manifest.as_dict()["urls"] == "canonical"

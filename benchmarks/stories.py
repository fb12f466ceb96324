"""What stories cost as dumps grow, and what they join: ``python -m benchmarks.stories --shared ../shared --work W [--most 8]``.

A larger dump is the long corpus several times, each time with other names (a letter is put behind each word with a capital) and later dates,
so that every part tells of other events. Joined across base documents of the corpus is what two different originals tell, or two unlike ones.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter, defaultdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.corpora import prepare
from benchmarks.measuring import run
from dedup.dates import parse_date

if TYPE_CHECKING:
    from collections.abc import Iterator

#: A word with a capital.
_NAME = re.compile(r"\b[A-Z]\w+")
#: Days between one part of a dump and the next.
_LATER = 60
_LETTERS = "qzxjvkwbphfg"


def parts(corpus: Path, times: int) -> Iterator[dict[str, Any]]:
    """Articles of the corpus so many times, each time about other people and places."""
    for time in range(times):
        with corpus.open(encoding="utf-8") as lines:
            for line in lines:
                article = json.loads(line)
                if time:
                    letter = _LETTERS[time % len(_LETTERS)]
                    for field in ("title", "text"):
                        article[field] = _NAME.sub(
                            lambda found, end=letter: found[0][:5] + end, article[field] or ""
                        )
                    article["id"] = f"{article['id']}-{time}"
                    date = parse_date(article["date"])
                    article["date"] = date and (date + timedelta(_LATER * time)).isoformat()
                yield article


def joined_across(stories: Path, truth: Path) -> tuple[int, int]:
    """Pairs of articles in one story, and those of them that are of different base documents."""
    with truth.open(encoding="utf-8") as lines:
        base = {record["id"]: record["cluster"] for record in map(json.loads, lines)}
    members: defaultdict[str, list[int]] = defaultdict(list)
    with stories.open(encoding="utf-8") as lines:
        for line in map(json.loads, lines):
            members[line["story"]].append(base[line["id"]])
    every = across = 0
    for found in members.values():
        n_pairs = len(found) * (len(found) - 1) // 2
        every += n_pairs
        across += n_pairs - sum(n * (n - 1) // 2 for n in Counter(found).values())
    return every, across


def main() -> None:
    """Print a line for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--shared", type=Path, required=True)
    parser.add_argument("--most", type=int, default=8)
    given = parser.parse_args()
    prepare("long", given.shared, given.work)
    dump, stories = given.work / "stories.in.jsonl", given.work / "stories.out.jsonl"
    before = None
    times = 1
    while times <= given.most:
        n_articles = 0
        with dump.open("w", encoding="utf-8") as lines:
            for article in parts(given.work / "long.jsonl", times):
                print(json.dumps(article, ensure_ascii=False), file=lines)
                n_articles += 1
        command = [sys.executable, "-m", "dedup", "stories", str(dump), "-o", str(stories), "--quiet"]
        cost = run(command, given.work / "cache")
        growth = "" if before is None else f"{cost.cpu_s / before / 2:8.2f} x linear"
        print(
            f"{n_articles:9,} articles {cost.cpu_s:8.1f} CPU s {cost.peak_rss_mb:8.0f} MB{growth}", flush=True
        )
        if times == 1:
            every, across = joined_across(stories, given.work / "long.truth.jsonl")
            print(f"{every:9,} pairs in stories, {across:,} across base documents: {across / every:.4f}")
        before = cost.cpu_s
        times *= 2


if __name__ == "__main__":
    main()

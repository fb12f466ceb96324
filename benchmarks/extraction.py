"""Extraction of articles from pages, quality and speed: ``python -m benchmarks.extraction --shared S``.

Text: on the 181 pages of ``html-scrapinghub`` against the text that people marked. Words are what ``\\w+`` finds, as they are
spelt. *Words*: precision, recall and F1 of the bag of words of each page, and the means of these. *4-grams*: precision and
recall of the multisets of word 4-grams, averaged over the pages, and the F1 of the two averages, as the benchmark has it
that the pages come from. The rules were chosen on half A (every other page by name) and looked at on half B.

Titles and dates: on the pages of ``html-newspaper4k`` whose reference has them. A title is right if its letters and digits
are those of the reference; a date if it is the day.

Speed: pages for a CPU second in one process, and through the processes of an extraction; *busy* is the share of the wall
time in which a process had work to do (it ran, or waited for a core that others had), summed over the processes.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import time
from collections import Counter
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

import click

from benchmarks.report import table
from dedup.io.extracting import EXTRACTORS, Extraction, Extractor
from dedup.io.mainlines import title_key
from dedup.io.pages import Page
from dedup.io.serving import extractor_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_WORD = re.compile(r"\w+")
_GRAM = 4


class Marked:
    """Pages with the text that people marked."""

    def __init__(self, folder: Path) -> None:
        truth = json.loads((folder / "ground-truth.json").read_text())
        self.names = sorted(truth)
        self.texts = {name: truth[name]["articleBody"] for name in self.names}
        self.pages = {
            name: Page(
                gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes()), truth[name]["url"]
            )
            for name in self.names
        }
        self.halves = {"A": self.names[::2], "B": self.names[1::2], "both": self.names}


def overlap(found: str, true: str, width: int) -> tuple[float, float]:
    """Precision and recall of the multiset of word n-grams."""
    ours, theirs = grams(found, width), grams(true, width)
    shared = (ours & theirs).total()
    return shared / max(ours.total(), 1), shared / max(theirs.total(), 1)


def grams(text: str, width: int) -> Counter[tuple[str, ...]]:
    """Word n-grams of a text; of a shorter one, all of it."""
    words = _WORD.findall(text)
    return Counter(
        tuple(words[k : k + width]) for k in range(max(len(words) - width + 1, min(1, len(words))))
    )


def f1(precision: float, recall: float) -> float:
    """Harmonic mean."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def quality(texts: dict[str, str], marked: Marked) -> Iterable[Sequence[str]]:
    """A row for each half: bag of words, and 4-grams."""
    for half, names in marked.halves.items():
        words = [overlap(texts[name], marked.texts[name], 1) for name in names]
        wide = [overlap(texts[name], marked.texts[name], _GRAM) for name in names]
        figures = [fmean(column) for column in zip(*words, strict=True)]
        figures.append(fmean(f1(*pair) for pair in words))
        figures += [fmean(column) for column in zip(*wide, strict=True)]
        figures.append(f1(*figures[-2:]))
        yield half, str(len(names)), *(f"{figure:.3f}" for figure in figures)


def facts(extractor: str, folder: Path) -> Sequence[str]:
    """How many titles and dates are right, where the reference has them."""
    extract = extractor_of(extractor)
    titles, dates = [], []
    for path in sorted((folder / "metadata").glob("*.json")):
        page = folder / "html" / f"{path.stem}.html"
        if not page.exists():
            continue
        true = json.loads(path.read_text())
        found = extract(Page(page.read_bytes(), true.get("url")))
        titles.append(title_key(found["title"] or "") == title_key(true["title"]))
        if true["publish_date"] not in (None, "None"):
            dates.append((found["date"] or "")[:10] == true["publish_date"][:10])
    return [extractor, *(f"{sum(right)} of {len(right)} ({fmean(right):.3f})" for right in (titles, dates))]


def speed(extractor: str, pages: Sequence[Page], processes: int) -> Sequence[str]:
    """Pages for a CPU second through processes of their own, and how busy these were."""
    with Extraction(Extractor(extractor, processes=processes)) as extraction:  # type: ignore[arg-type]
        list(extraction.in_order(pages[: 4 * processes], lambda page: page))  # start-up is not timed
        pids = children()
        begin = *worked(pids), time.process_time(), time.perf_counter()
        found = sum(isinstance(result, dict) for _, result in extraction.in_order(pages, lambda page: page))
        end = *worked(pids), time.process_time(), time.perf_counter()
    ran, waited, parent, wall = (new - old for new, old in zip(end, begin, strict=True))
    figures = found / (ran + parent), found / wall
    return [
        extractor,
        str(processes),
        str(found),
        *(f"{figure:.0f}" for figure in figures),
        f"{(ran + waited) / wall:.2f}",
    ]


def children() -> list[int]:
    """Processes that this one started."""
    tasks = Path("/proc/self/task").glob("*/children")
    return [int(pid) for task in tasks for pid in task.read_text().split()]


def worked(pids: Iterable[int]) -> tuple[float, float]:
    """Seconds that processes ran, and that they could have run while others had the cores."""
    stats = [Path(f"/proc/{pid}/schedstat").read_text().split() for pid in pids]
    return sum(int(stat[0]) for stat in stats) / 1e9, sum(int(stat[1]) for stat in stats) / 1e9


@click.command()
@click.option("--shared", type=click.Path(path_type=Path), default=Path(__file__).parents[2] / "shared")
@click.option("--rounds", default=3, help="How often the pages are gone through where speed is measured.")
def main(shared: Path, rounds: int) -> None:
    """Print the tables."""
    data = shared / "data"
    marked = Marked(data / "html-scrapinghub")
    pages = list(marked.pages.values())
    size = fmean(len(page.html) for page in pages) / 1000
    rows: list[Sequence[str]] = []
    alone: list[Sequence[str]] = []
    for name in EXTRACTORS:
        extract = extractor_of(name)
        extract(pages[0])
        begin = time.process_time()
        found: dict[str, Any] = {key: extract(page)["text"] for key, page in marked.pages.items()}
        alone.append(
            [
                name,
                "in this one",
                str(len(found)),
                f"{len(found) / (time.process_time() - begin):.0f}",
                "",
                "",
            ]
        )
        rows += [[name, *row] for row in quality(found, marked)]
    head = ["extractor", "half", "pages", "precision", "recall", "F1", "4-gram precision", "recall", "F1"]
    click.echo(f"## Text\n\n{table(head, rows)}\n")
    found_facts = [facts(name, data / "html-newspaper4k" / "tests" / "data") for name in EXTRACTORS]
    click.echo(f"## Titles and dates\n\n{table(['extractor', 'title right', 'day right'], found_facts)}\n")
    timed = [
        speed(name, pages * (rounds if name == "resiliparse" else 1), n)
        for name in EXTRACTORS
        for n in (1, 2)
    ]
    heads = ["extractor", "processes", "pages", "pages/CPU s", "pages/s", "busy processes"]
    load = os.getloadavg()[0]
    click.echo(f"## Speed, pages of {size:.0f} kB, load {load:.1f}\n\n{table(heads, [*alone, *timed])}")


if __name__ == "__main__":
    main()

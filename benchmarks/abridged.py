"""Copies cut to a third, and what finds them: ``python -m benchmarks.abridged``.

A second corpus, made from the first: unrelated articles of `long`, some of them reprinted whole, under boilerplate,
edited, or cut anywhere between 35 and 90 % of their words, and roundups that hold the heads of several. Printed are the
quality of a run at the defaults, what share of each kind of copy is found, and where the others are lost.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, NamedTuple

import click
import numpy as np

from benchmarks.corpora import prepare
from benchmarks.quality import Truth, evaluate, read_prediction, read_truth
from benchmarks.report import table
from dedup import Limits, Recipe, compare, deduplicate_files
from dedup.clustering import RATIOS, Agreement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.corpora import Corpus
    from benchmarks.quality import Prediction

SHORTEST, LONGEST = 0.35, 0.90
STEPS = (0.35, 0.40, 0.45, 0.50, 0.60, 0.75, 0.90)
#: Of 100 copies.
KINDS = {"exact": 12, "reflow": 8, "boilerplate": 20, "truncated": 30, "edited": 18, "boiler+edit": 12}
#: Of 100 articles that are no copies.
SINGLES, ROUNDUPS = 58, 10
BOILER = 0.35  # of the articles that nobody copied
LARGEST = 60
ENDINGS = ("...", "…", " ...\nRead more", " (more)", "\nContinue reading at the source.", " [...]", "")
HEADS = (
    "By {name} for the {paper}",
    "{place}, {month} {day} ({paper}) -",
    "Published {day} {month} by the {paper}\nShare this article",
    "{paper} newsroom",
)
TAILS = (
    "Sign up for the {paper} newsletter and get the day's five stories in your inbox every morning.",
    "Copyright the {paper}. All rights reserved. Do not reprint without written leave of the publisher.",
    "The {paper} is a member of the press council. Tell us of an error: corrections@{host}.",
    "Read also: our guide to {place}, and what to do there on a rainy {month} weekend.",
    "(Reporting by {name}; editing by the {place} desk of the {paper})",
    "We use cookies to make the {paper} better. By reading on you agree to our terms of use and privacy policy.",
)
WORDS = ("Morning", "Evening", "County", "Valley", "Harbour", "Northern", "Lake", "Capital")
PAPERS = [f"{one} {other}" for one in WORDS for other in ("Herald", "Post", "Ledger", "Times", "Courier")]
NAMES = ("Ann Berg", "Tom Okafor", "Lea Novak", "Ravi Shah", "Eva Lund", "Sam Reyes")
PLACES = ("Oslo", "Leeds", "Denver", "Porto", "Cork", "Perth")
MONTHS = ("January", "March", "April", "June", "September", "November")


class Made(NamedTuple):
    """An article of the corpus: its text and who prints it, and what it is."""

    text: str
    paper: str
    cluster: int
    kind: str
    kept: float


def build(texts: Sequence[str], size: int, seed: int) -> list[Made]:
    """About so many articles, in no order, from texts that have nothing to do with each other."""
    chance = random.Random(seed)
    texts = chance.sample(texts, len(texts))
    vocabulary = [word for text in texts[:200] for word in text.split()]
    made: list[Made] = []

    def add(cluster: int, kind: str, text: str) -> None:
        paper = chance.choice(PAPERS)
        changed, kept = change(text, kind, paper, vocabulary, chance)
        made.append(Made(changed, paper, cluster, kind, kept))

    for cluster, text in enumerate(texts):
        if len(made) >= size:
            break
        place = chance.randrange(100)
        if place < SINGLES:
            add(cluster, "single+boiler" if chance.random() < BOILER else "single", text)
        elif place < SINGLES + ROUNDUPS:
            told = chance.sample(texts[: max(cluster, 5)], chance.randint(3, 5))
            add(cluster, "roundup", roundup(told, chance))
        else:
            add(cluster, "orig", text)
            copies = min(1 + int(2 * chance.paretovariate(1.1)), LARGEST)
            for kind in chance.choices([*KINDS], [*KINDS.values()], k=copies):
                add(cluster, kind, text)
    chance.shuffle(made)
    return made


def roundup(texts: Sequence[str], chance: random.Random) -> str:
    """Heads of some texts, one below the other."""
    return "\n\n".join(head(text, chance.uniform(0.20, 0.45)) for text in texts)


def head(text: str, share: float) -> str:
    """The first words of a text, so great a share of them, as they stand there."""
    ends = [word.end() for word in re.finditer(r"\S+", text)]
    return text[: ends[max(1, round(share * len(ends))) - 1]]


def change(
    text: str, kind: str, paper: str, vocabulary: Sequence[str], chance: random.Random
) -> tuple[str, float]:
    """A copy of a kind, and the share of the words that is left."""
    match kind:
        case "reflow":
            lines = [line for line in re.split(r"\n+|(?<=[.!?]) ", text) if line]
            return "\n".join(lines).replace('"', "”").replace("'", "’"), 1.0
        case "boilerplate" | "single+boiler":
            return under_boilerplate(text, paper, chance), 1.0
        case "edited":
            return edit(text, chance.uniform(0.01, 0.10), vocabulary, chance), 1.0
        case "boiler+edit":
            edited = edit(text, chance.uniform(0.005, 0.05), vocabulary, chance)
            return under_boilerplate(edited, paper, chance), 1.0
        case "truncated":
            share = chance.uniform(SHORTEST, LONGEST)
            return head(text, share) + chance.choice(ENDINGS), share
    return text, 1.0


def under_boilerplate(text: str, paper: str, chance: random.Random) -> str:
    """A text with what a publisher prints above and below everything."""
    slots = {
        "paper": paper,
        "host": host(paper),
        "name": chance.choice(NAMES),
        "place": chance.choice(PLACES),
        "month": chance.choice(MONTHS),
        "day": chance.randint(1, 28),
    }
    tails = chance.sample(TAILS, chance.randint(1, len(TAILS)))
    blocks = [chance.choice(HEADS), "{text}", *tails]
    return "\n".join(blocks).replace("{text}", "\0").format(**slots).replace("\0", text)


def host(paper: str) -> str:
    """Where a paper is read."""
    return paper.lower().replace(" ", "") + ".example"


def edit(text: str, share: float, vocabulary: Sequence[str], chance: random.Random) -> str:
    """A text with words replaced (60 %), left out and put in."""

    def one(word: re.Match[str]) -> str:
        if chance.random() >= share:
            return word[0]
        other = chance.choice(vocabulary)
        return chance.choices((other, "", f"{word[0]} {other}"), (60, 20, 20))[0]

    return re.sub(r"\S+", one, text)


def unrelated(corpus: Corpus) -> list[str]:
    """Articles of a corpus that have nothing to do with each other: of each cluster the one without a change."""
    truth = read_truth(corpus.truth)
    with corpus.articles.open("rb") as lines:
        return [
            json.loads(line)["text"]
            for line, kind in zip(lines, truth.kinds, strict=True)
            if kind in {"orig", "single"}
        ]


def run(made: Sequence[Made], folder: Path) -> Prediction:
    """Deduplicate the articles at the defaults."""
    articles, clusters = folder / "abridged.jsonl", folder / "abridged.clusters.jsonl"
    with articles.open("w") as lines:
        for place, article in enumerate(made):
            url = f"https://{host(article.paper)}/{place}"
            lines.write(json.dumps({"id": f"{place:06}", "url": url, "text": article.text}) + "\n")
    deduplicate_files([articles], folder / "abridged.kept.jsonl", clusters=clusters)
    return read_prediction(clusters, truth_of(made))


def truth_of(made: Sequence[Made]) -> Truth:
    """What each article is."""
    return Truth(
        [f"{place:06}" for place in range(len(made))],
        np.array([article.cluster for article in made], np.int64),
        np.array([article.kind for article in made]),
    )


def lost_copies(made: Sequence[Made], prediction: Prediction) -> dict[int, int]:
    """Copies that are not with the text they were made from, and the longest article that is."""
    labels = prediction.labels
    longest: dict[int, int] = {}
    for place in range(len(made)):
        so_far = longest.get(int(labels[place]), place)
        longest[int(labels[place])] = max(so_far, place, key=lambda one: len(made[one].text))
    label_of = {
        article.cluster: int(labels[place]) for place, article in enumerate(made) if article.kind == "orig"
    }
    return {
        place: longest[label_of[article.cluster]]
        for place, article in enumerate(made)
        if article.cluster in label_of and labels[place] != label_of[article.cluster]
    }


def stage(copy: Made, leader: Made) -> str:
    """Where a copy was lost, judged by both texts alone, boilerplate and all."""
    limits, recipe = Limits(), Recipe()
    verdict = compare(copy.text, leader.text)
    if not verdict.is_copy:
        return f"{verdict.relation} by the limits"
    signatures = recipe.sign_texts([copy.text, leader.text])
    keys = recipe.key(signatures)
    if not (keys[0] == keys[1]).any():
        return "no band in common"
    sizes = sorted(len(article.text.split()) for article in (copy, leader))
    agreement = Agreement.of(limits.least_resemblance, limits.resemblance, 0.95, recipe.num_perm)
    if (signatures[0] == signatures[1]).sum() < agreement.hopeful[RATIOS * sizes[0] // sizes[1]]:
        return "signatures agree in too few places"
    return "a copy of it, with another leader"


def step_of(share: float) -> str:
    """Which of the steps a share lies in."""
    low = max(step for step in STEPS[:-1] if step <= share)
    return f"{low:.0%}-{STEPS[STEPS.index(low) + 1]:.0%}"


def report(made: Sequence[Made], prediction: Prediction) -> str:
    """The tables."""
    truth = truth_of(made)
    quality = evaluate(truth, prediction)
    lost = lost_copies(made, prediction)
    copies = [place for place, one in enumerate(made) if one.kind in KINDS]
    groups = {place: made[place].kind for place in copies}
    groups |= {p: f"truncated to {step_of(made[p].kept)}" for p in copies if made[p].kind == "truncated"}
    found = [
        (name, f"{len(of_it):,}", f"{np.mean([place not in lost for place in of_it]):.4f}")
        for name in sorted(set(groups.values()))
        for of_it in [[place for place in copies if groups[place] == name]]
    ]
    together = Counter(prediction.labels.tolist())
    merged = sum(
        together[int(label)] > 1
        for one, label in zip(made, prediction.labels, strict=True)
        if one.kind == "roundup"
    )
    figures = [
        ("articles", f"{len(made):,}"),
        ("pair precision", f"{quality.precision:.5f}"),
        ("pair recall", f"{quality.recall:.4f}"),
        ("pair F1", f"{quality.f1:.4f}"),
        ("redundant articles found", f"{quality.redundant_found:.4f}"),
        ("roundups; merged with a story", f"{quality.roundups:,}; {merged}"),
    ]
    stages = Counter((groups[copy], stage(made[copy], made[leader])) for copy, leader in lost.items())
    return "\n\n".join(
        (
            table(("abridged", ""), figures),
            table(("copies", "made", "with their original"), found),
            table(("lost", "where", "copies"), [(*what, f"{n:,}") for what, n in sorted(stages.items())]),
        )
    )


@click.command()
@click.option("--size", default=10_000, show_default=True, help="Articles, about.")
@click.option("--seed", default=1, show_default=True)
@click.option("--shared", type=click.Path(path_type=Path), default=Path(__file__).parents[2] / "shared")
@click.option(
    "--work",
    type=click.Path(path_type=Path),
    default=Path(gettempdir()) / "dedup-bench",
    help="Decompressed corpora, and the new one.",
)
def main(size: int, seed: int, shared: Path, work: Path) -> None:
    """Build the corpus, deduplicate it and say what was found."""
    work.mkdir(parents=True, exist_ok=True)
    made = build(unrelated(prepare("long", shared, work)), size, seed)
    click.echo(report(made, run(made, work)))


if __name__ == "__main__":
    main()

"""An index of articles in plain Python, with lists and dicts: what every real one must say."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dedup.match.relation import is_near
from dedup.url import url_id
from tests.naive import are_templates, band_keys, hopeful_agreement, scores_of, shingled, sign, words_of

if TYPE_CHECKING:
    from collections.abc import Hashable

    from dedup.article import Article
    from dedup.incremental.manifest import Manifest


@dataclass
class Remembered:
    """An article and the cluster that it joined."""

    doc_id: str
    article: Article
    dated: float
    leader: int
    removed: bool = False


@dataclass
class Told:
    """What is said of an article."""

    doc_id: str
    cluster: str
    duplicate_of: str | None = None
    version: bool = False
    repeated: bool = False


@dataclass
class NaiveSeen:
    """Adds articles one by one; nothing is ever forgotten."""

    manifest: Manifest
    now: float
    entries: list[Remembered] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    told: dict[int, Told] = field(default_factory=dict)
    texts: dict[tuple[str, ...], list[int]] = field(default_factory=lambda: defaultdict(list))
    listed: dict[tuple[int, Hashable], list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, article: Article) -> Told:
        """Ask and remember."""
        doc_id = article.id or url_id(article.url) or ""
        words = words_of(article.compared)
        dated = article.published.timestamp() if article.published else self.now
        mine = [number for number, entry in enumerate(self.entries) if entry.doc_id == doc_id]
        for number in mine:
            if words_of(self.entries[number].article.compared) == words:
                first = self.told[number]
                return Told(doc_id, first.cluster, first.duplicate_of, first.version, repeated=True)
        number = len(self.entries)
        joined = self._equal(words, dated)
        leader = self._walk(number, article, dated) if joined is None else joined
        if leader == number:
            text_hash = shingled(article.compared, 5).text_hash
            self.names[number] = f"{doc_id}#{text_hash:016x}" if mine else doc_id
            told = Told(doc_id, self.names[number], version=bool(mine))
        else:
            other = self._beside(leader, dated)
            told = Told(doc_id, self.names[leader], None if other == doc_id else other, version=bool(mine))
        self.entries.append(Remembered(doc_id, article, dated, leader))
        self.told[number] = told
        if joined is None and words:
            self.texts[words].append(number)
        return told

    def _within(self, leader: int, dated: float) -> bool:
        dates = [entry.dated for entry in self.entries if entry.leader == leader]
        window = self.manifest.window
        return window < 0 or min(dates) - window <= dated <= max(dates) + window

    def _equal(self, words: tuple[str, ...], dated: float) -> int | None:
        leaders = {self.entries[number].leader for number in self.texts.get(words, ())}
        return max((leader for leader in leaders if self._within(leader, dated)), default=None)

    def _walk(self, number: int, article: Article, dated: float) -> int:
        recipe, walk = self.manifest.recipe, self.manifest.walk
        if not words_of(article.compared):
            return number
        keys = band_keys(sign(article.compared, recipe), recipe)
        mine = [self.listed[bucket] for bucket in enumerate(keys)]
        met: dict[int, None] = {}
        for found in sorted(mine, key=lambda found: min(len(found), walk)):
            met.update(dict.fromkeys(reversed(found)))
        scores = [
            (score, -leader)
            for leader in list(met)[:walk]
            if self._within(leader, dated) and (score := self._score(leader, article)) is not None
        ]
        leader = -max(scores)[1] if scores else number
        for found in mine:
            if leader not in found[-walk:]:
                found.append(leader)
        return leader

    def _score(self, leader: int, article: Article) -> tuple[int, int] | None:
        recipe, limits = self.manifest.recipe, self.manifest.limits
        other = self.entries[leader].article
        texts = other.compared, article.compared
        signatures = [sign(text, recipe) for text in texts]
        sizes = [len(shingled(text, recipe.width).shingles) for text in texts]
        agreement = sum(a == b for a, b in zip(*signatures, strict=True))
        if agreement < hopeful_agreement(limits, self.manifest.recall, recipe.num_perm, *sizes):
            return None
        scores = scores_of(*texts, recipe.width)
        if not is_near(scores, limits) or are_templates(other, article):
            return None
        return scores.containment, scores.resemblance

    def _beside(self, leader: int, dated: float) -> str:
        """The first member, or with a window the earliest that is near enough; versions of the first follow it."""
        members = [entry for entry in self.entries if entry.leader == leader]
        kept = [entry for entry in members if entry.doc_id == members[0].doc_id][-1]
        window = self.manifest.window
        if window < 0 or abs(kept.dated - dated) <= window:
            return kept.doc_id
        return next((entry.doc_id for entry in members if abs(entry.dated - dated) <= window), kept.doc_id)

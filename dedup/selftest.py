"""A trial of the installation: a few articles with known copies, and compiled kernels beside their plain twins."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dedup.comparison import compare
from dedup.deduplicator import deduplicate
from dedup.sketch.banding import key_band
from dedup.sketch.recipe import Recipe
from dedup.text.columns import TextColumn, shingle_column
from dedup.text.shingling import shingle_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dedup.pair import Comparison

_FERRY = (
    "A ferry ran aground off the northern islands in thick fog early on Sunday. All 214 passengers were taken off by "
    "fishing boats and nobody was hurt, the coast guard said. The captain told reporters that the radar had failed "
    "minutes before the ship touched the rocks. A tug is expected to pull her free at high tide."
)
_POOL = (
    "The council voted on Monday to close the old swimming pool at the end of the season. Repairs would have cost more "
    "than a new one, the mayor said, and the site is to become a park. Swimmers have collected 3,000 signatures."
)
_BRIDGE = (
    "Мост через реку закрыли на ремонт до конца октября. Городские власти обещают пустить два дополнительных автобуса, "
    "а водителям советуют объезд по старой плотине. Последний раз мост чинили двадцать лет назад."
)
_LIBRARY = (
    "市图书馆周六重新开放。经过三年的翻修,新增了两间阅览室和一个面向庭院的儿童区,开放时间延长到晚上九点。"
)
#: Texts, and the number of the cluster that each belongs to.
ARTICLES: tuple[tuple[str, int], ...] = (
    (_FERRY, 0),
    (f"{_FERRY} Divers will look for damage to the hull.", 0),
    (_FERRY.upper().replace(".", " –"), 0),
    (_POOL, 1),
    (_BRIDGE, 2),
    (_BRIDGE.replace("Городские власти", "Власти города").replace("двадцать", "20"), 2),
    (_LIBRARY, 3),
    (_LIBRARY.replace("。", " ").replace(",", ";"), 3),
    ("فاز فريق المدينة بكأس الشباب بعد مباراة طويلة انتهت بركلات الترجيح أمام آلاف المشجعين.", 4),
    ("ร้านหนังสือเก่าแก่ริมแม่น้ำจะปิดตัวลงในเดือนหน้าหลังเปิดมาหกสิบปี", 5),
    ("Pool closes", 6),
    ("Pool opens", 7),
)


@dataclass(frozen=True, slots=True)
class Trial:
    """How the self-test went.

    Parameters
    ----------
    faults : tuple of str
        What was not as it should be; empty if all was well.
    seconds : float
        How long it took, compiling included.
    """

    faults: tuple[str, ...]
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether all was well."""
        return not self.faults


def try_out() -> Trial:
    """Run the self-test.

    Notes
    -----
    It takes a tenth of a second where the kernels are compiled, else as long as it takes to compile them.

    Examples
    --------
    >>> try_out().passed
    True
    """
    start = time.perf_counter()
    faults: list[str] = []
    for check in (_check_clusters, _check_shingles, _check_keys):
        try:
            faults += check()
        except Exception as error:  # noqa: BLE001 - whatever is wrong with an installation, it is to be told
            faults.append(f"{check.__name__.removeprefix('_check_')}: {type(error).__name__}: {error}")
    return Trial(tuple(faults), time.perf_counter() - start)


def _check_clusters() -> Iterator[str]:
    """Clusters are the known ones; scores of kernels are those of plain Python."""
    articles = [{"id": str(row), "text": text} for row, (text, _) in enumerate(ARTICLES)]
    result = deduplicate(articles, threads=1)
    found = sorted(sorted(int(one) for one in cluster.members) for cluster in result.clusters)
    known: dict[int, list[int]] = {}
    for row, (_, cluster) in enumerate(ARTICLES):
        known.setdefault(cluster, []).append(row)
    if found != sorted(known.values()):
        yield f"clusters: {found} were found, {sorted(known.values())} are right"
    for match in result.duplicates:
        plain = _scores(compare(articles[int(match.id)], articles[int(match.duplicate_of)]))
        if plain != _scores(match.verdict):
            yield f"scores: {_scores(match.verdict)} by kernels, {plain} in plain Python"


def _scores(verdict: Comparison) -> tuple[str, float, float, float]:
    """What a run and a comparison both say of a pair; continuity a run works out only where it decides."""
    scores = verdict.scores
    return verdict.relation, scores.resemblance, scores.containment, scores.coverage


def _check_shingles() -> Iterator[str]:
    texts = [text for text, _ in ARTICLES]
    batch = shingle_column(TextColumn.of([text.encode() for text in texts]), 5)
    twins = [shingle_text(text) for text in texts]
    if batch.hashes.tolist() != [value for twin in twins for value in twin.shingles]:
        yield "shingles: kernels and plain Python differ"
    if batch.text_hashes.tolist() != [twin.text_hash for twin in twins]:
        yield "hashes of texts: kernels and plain Python differ"


def _check_keys() -> Iterator[str]:
    recipe = Recipe(num_perm=6, bands=2, rows=3)
    signatures = recipe.sign_texts(text for text, _ in ARTICLES)
    plain = [[key_band(row[:3], 0), key_band(row[3:], 1)] for row in signatures.tolist()]
    if recipe.key(signatures).tolist() != plain:
        yield "band keys: kernels and plain Python differ"

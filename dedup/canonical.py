"""Canonical: which member of a cluster is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import numpy as np

from dedup.errors import ParameterError
from dedup.text.categories import Categories, different_pairs
from dedup.text.strings import Strings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dedup.kernels.types import Rows

Keep = Literal["longest", "earliest", "latest", "first", "last"]
KEEPS: tuple[Keep, ...] = get_args(Keep)


class Traits(NamedTuple):
    """What the choice looks at, one entry for each article.

    Attributes
    ----------
    rank : ndarray of int64
        Place of its text in the order of leaders, 0 for the longest.
    published : ndarray of float64
        Epoch seconds, NaN for undated.
    preference : ndarray of int64
        Place of its source in the preferred ones, their number for the others.
    ids : sequence of str
        The last resort for a tie; the smallest wins.
    """

    rank: Rows
    published: NDArray[np.float64]
    preference: Rows
    ids: Sequence[str]

    def after(self, chosen: Rows) -> Traits:
        """The same, but who did not choose itself is less preferred than who did, whatever the source."""
        beaten = chosen != np.arange(len(chosen))
        return self._replace(preference=self.preference + beaten * (self.preference.max(initial=0) + 1))


def check_keep(keep: str) -> None:
    """Refuse what is no rule."""
    if keep not in KEEPS:
        raise ParameterError(f"keep is {keep!r}; it is one of {', '.join(KEEPS)}")


class Preference(NamedTuple):
    """How much articles are preferred for where they were published.

    Attributes
    ----------
    places : ndarray of int64 of shape (n_articles,)
        Place of the source among the preferred ones, their number for the others.
    absent : tuple of str
        Preferred sources that no article has.
    """

    places: Rows
    absent: tuple[str, ...]


def prefer(
    sources: Sequence[str | None], hosts: Sequence[str | None], preferred: Sequence[str]
) -> Preference:
    """Find the preferred sources; the first that an article has counts.

    Parameters
    ----------
    sources, hosts : sequence of str or None
        Who published each article, and at which host.
    preferred : sequence of str
        Sources, or hosts, which stand for their subdomains too; the most preferred first. Case does not matter.

    Returns
    -------
    Preference

    Examples
    --------
    >>> prefer(["B Daily", None, None], [None, "www.a.com", "c.net"], ["a.com", "b daily", "d.org"])
    Preference(places=array([1, 0, 3]), absent=('d.org',))
    """
    wanted = [name.strip().casefold() for name in preferred]
    if not wanted:
        return Preference(np.zeros(len(sources), np.int64), ())
    numbers, pairs = different_pairs(Categories.of(sources), Categories.of(hosts))
    known = [_matching(source, host, wanted) for source, host in pairs]
    places = np.array([min(places, default=len(wanted)) for places in known], np.int64)
    found = {wanted[place] for matching in known for place in matching}
    absent = tuple(name for name, word in zip(preferred, wanted, strict=True) if word not in found)
    return Preference(places[numbers], absent)


def _matching(source: str | None, host: str | None, wanted: Sequence[str]) -> tuple[int, ...]:
    """Places of the wanted names that a source, or a host, has."""
    names = [name.strip().casefold() for name in (source, host) if name]
    return tuple(
        place
        for place, word in enumerate(wanted)
        if word in names or ("." in word and any(name.endswith(f".{word}") for name in names))
    )


def choose_first(labels: Rows, traits: Traits) -> Rows:
    """Earliest article of each cluster, then the one of the smallest id; sources do not matter."""
    return choose(labels, traits._replace(preference=np.zeros(len(labels), np.int64)), "earliest")


def choose(labels: Rows, traits: Traits, keep: Keep) -> Rows:
    """Row that is kept, for each article the one of its cluster.

    Parameters
    ----------
    labels : ndarray of int64 of shape (n_articles,)
        Cluster of each article, any numbers.
    traits : Traits
        Of each article.
    keep : {"longest", "earliest", "latest", "first", "last"}
        Which member; undated ones come after dated ones. A preferred source outranks it. Ties: the earlier, then
        the smaller id, then the first.

    Returns
    -------
    ndarray of int64 of shape (n_articles,)

    Raises
    ------
    ParameterError
        If `keep` is none of these.
    """
    check_keep(keep)
    n_articles = len(labels)
    earlier = np.where(np.isnan(traits.published), np.inf, traits.published)
    merit = {
        "longest": traits.rank,
        "earliest": earlier,
        "latest": np.where(np.isnan(traits.published), np.inf, -traits.published),
        "first": np.arange(n_articles),
        "last": -np.arange(n_articles),
    }[keep]
    _, inverse, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    alone = sizes[inverse] == 1
    kept = np.arange(n_articles)
    rows = np.flatnonzero(~alone)
    keys = inverse[rows], traits.preference[rows], merit[rows], earlier[rows]
    order = np.lexsort(keys[::-1])
    clusters = keys[0][order]
    begins = np.append(True, clusters[1:] != clusters[:-1])[: len(order)]
    place = np.cumsum(begins) - 1  # of the cluster
    best = order[begins]
    # The ids are asked for of those alone that are as good as the best in all else.
    ties = np.flatnonzero(np.logical_and.reduce([key[order] == key[best][place] for key in keys]))
    best = rows[best]
    Strings.of(traits.ids).keep_least(rows[order[ties]], place[ties], best)
    kept[rows[order]] = best[place]
    return kept


def rank_ids(ids: Sequence[str]) -> Rows:
    """Place of each id in their sorted order."""
    ranks = np.empty(len(ids), np.int64)
    ranks[sorted(range(len(ids)), key=ids.__getitem__)] = np.arange(len(ids))
    return ranks

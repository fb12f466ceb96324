"""Writers: the kept lines byte for byte, and one JSON line for each article or duplicate."""

from __future__ import annotations

import json
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np

from dedup.pair import RELATIONS
from dedup.text.strings import Strings, spans_of

orjson: Any
try:
    import orjson
except ImportError:
    orjson = None

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from dedup.article import Article, Damaged, Place, ReusedPassage
    from dedup.headline import RepeatedHeadline
    from dedup.io.inputs import Inputs, Places
    from dedup.kernels.types import Rows
    from dedup.result import Partition, Verdicts
    from dedup.story import Story, Tie
    from dedup.verdict import Verdict


def dump_line(record: Any) -> bytes:  # noqa: ANN401 - any JSON value
    r"""One JSON line; the same bytes with and without orjson.

    Examples
    --------
    >>> dump_line({"id": "é", "kept": True})
    b'{"id":"\xc3\xa9","kept":true}\n'
    """
    if orjson is not None:
        try:
            return bytes(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
        except TypeError:  # a lone surrogate
            pass
    try:
        return (json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
    except UnicodeEncodeError:
        return (json.dumps(record, separators=(",", ":")) + "\n").encode()


def cluster_lines(partition: Partition, inputs: Inputs, *, all_rows: bool) -> Iterator[bytes]:
    """One JSON line for each article, in input order; without `all_rows` for the dropped ones only.

    ``leader`` is null where the kept article leads the cluster; else it names the leader and the scores that the
    article was dropped for. The lines are put together as text, which is a quarter of the cost of an object each.
    """
    ids, names = Strings.of(partition.ids), _quoted(inputs.names)
    everybody = np.arange(len(ids))
    rows = everybody if all_rows else np.flatnonzero(partition.kept != everybody)
    for span in spans_of(len(rows)):
        yield from _cluster_lines(partition, ids, rows[span], inputs.places, names)


def _cluster_lines(
    partition: Partition, ids: Strings[str], rows: Rows, places: Places, names: Sequence[str]
) -> Iterator[bytes]:
    """The lines of these rows."""
    kept, leaders, canonicals = (
        column[rows] for column in (partition.kept, partition.leaders, partition.clusters)
    )
    dropped = rows != kept
    apart = dropped & (kept != canonicals)
    kept_ids = iter(_quoted(ids.take(kept[dropped])))
    other_ids = iter(_quoted(ids.take(canonicals[apart])))
    to_kept = _scores(partition.to_kept, rows[dropped])
    # What was dropped for its page was not dropped for what it is to the leader of its cluster.
    led = dropped & (kept != leaders) & ~apart
    leading = iter(_quoted(ids.take(leaders[led])))
    to_leader = _scores(partition.to_leader, rows[led])
    columns = dropped, apart, led, places.files[rows], places.numbers[rows]
    told = zip(
        _quoted(ids.take(rows)),
        _title_scores(partition, rows),
        _told_versions(partition, rows),
        *(column.tolist() for column in columns),
        strict=True,
    )
    for name, title, version, is_dropped, is_apart, is_led, file, number in told:
        if is_dropped:
            duplicate_of = next(kept_ids)
            cluster = next(other_ids) if is_apart else duplicate_of
            leader = f'{{"id":{next(leading)},{next(to_leader)}}}' if is_led else "null"
            verdict = (
                f'"kept":false,"duplicate_of":{duplicate_of},{next(to_kept)},"title_match":{title},'
                f'"version":{version},"leader":{leader}'
            )
        else:
            cluster, verdict = name, _KEPT
        line = f'{{"id":{name},"cluster":{cluster},{verdict},"input":{names[file]},"record":{number}}}\n'
        yield line.encode()


_KEPT = (
    '"kept":true,"duplicate_of":null,"relation":null,"resemblance":null,"containment":null,"coverage":null,'
    '"continuity":null,"title_match":null,"version":null,"leader":null'
)


def _title_scores(partition: Partition, rows: Rows) -> list[float | str]:
    """Match of each headline with that of the kept article, as JSON has it."""
    if partition.titles is None:
        return ["null"] * len(rows)
    scores: list[float] = partition.titles.scores[rows].tolist()
    return ["null" if score != score else score for score in scores]  # noqa: PLR0124 - NaN


def _told_versions(partition: Partition, rows: Rows) -> list[str]:
    """Whether each is another version, as JSON has it."""
    if partition.versions is None:
        return ["false"] * len(rows)
    return ["true" if changed else "false" for changed in partition.versions[rows].tolist()]


def _quoted(strings: Sequence[str]) -> list[str]:
    """Strings as JSON has them."""
    whole = "".join(strings)
    if whole.isascii() and whole.isprintable() and '"' not in whole and "\\" not in whole:
        return [f'"{string}"' for string in strings]
    return [dump_line(string)[:-1].decode() for string in strings]


def _scores(verdicts: Verdicts, rows: Rows) -> Iterator[str]:
    """Fields of the verdicts on these rows."""
    scores = zip(*(column[rows].tolist() for column in verdicts), strict=True)
    for relation, resemblance, containment, coverage, continuity in scores:
        known = "null" if continuity != continuity else continuity  # noqa: PLR0124 - NaN
        yield (
            f'"relation":"{RELATIONS[relation]}","resemblance":{resemblance},"containment":{containment},'
            f'"coverage":{coverage},"continuity":{known}'
        )


def story_lines(
    partition: Partition,
    inputs: Inputs,
    labels: Rows,
    stories: Iterable[Story],
    ties: Iterable[Tie | None] | None = None,
) -> Iterator[bytes]:
    """One JSON line for each article, in input order: its cluster, and its story.

    Parameters
    ----------
    partition : Partition
        Clusters of the articles.
    inputs : Inputs
        Where they stand.
    labels : ndarray of int64 of shape (n_articles,)
        Number of each article's story.
    stories : iterable of Story
        In the order of their numbers.
    ties : iterable of Tie or None, optional
        What each article is to the one that stands for its story, where that is asked for.
    """
    ids, names, places = Strings.of(partition.ids), _quoted(inputs.names), inputs.places
    fields = Strings.of(map(_story_fields, stories))
    tied = repeat("") if ties is None else map(_tie_fields, ties)
    for span in spans_of(len(ids)):
        columns = (
            _quoted(ids[span]),
            _quoted(ids.take(partition.kept[span])),
            fields.take(labels[span]),
            places.files[span].tolist(),
            places.numbers[span].tolist(),
        )
        for (name, cluster, told, file, number), tie in zip(zip(*columns, strict=True), tied, strict=False):
            line = (
                f'{{"id":{name},"cluster":{cluster},{told},{tie}"input":{names[file]},"record":{number}}}\n'
            )
            yield line.encode()


def _story_fields(story: Story) -> str:
    """Fields of a story as they stand in the line of each of its articles."""
    fields = story.as_dict()
    named = {"story": fields["id"]} | {name: fields[name] for name in ("headline", "size", "first", "last")}
    return _fields(named)


def _tie_fields(tie: Tie | None) -> str:
    return _fields(dict.fromkeys(_TIE) if tie is None else {name: getattr(tie, name) for name in _TIE}) + ","


_TIE = ("relation", "same_story_probability", "evidence", "title_match")


def _fields(record: dict[str, Any]) -> str:
    """Members of a JSON object, without its braces."""
    return dump_line(record)[1:-2].decode()


def verdict_line(verdict: Verdict, place: Place, *, kept: bool) -> bytes:
    """One JSON line for an article that an index was given."""
    return dump_line({**verdict.as_dict(), "kept": kept, "input": place.input, "record": place.record})


def article_line(article: Article, cluster: str) -> bytes:
    """One JSON line for an article of an index; reading it gives the article again."""
    return dump_line(
        {
            "id": article.id,
            "url": article.url,
            "title": article.title,
            "date": article.published.isoformat() if article.published else None,
            "source": article.source,
            "text": article.text,
            "cluster": cluster,
        }
    )


def headline_lines(headlines: Iterable[RepeatedHeadline]) -> Iterator[bytes]:
    """One JSON line for each repeated headline, with its articles."""
    for headline in headlines:
        yield dump_line(headline.as_dict())


def damaged_lines(damaged: Iterable[Damaged]) -> Iterator[bytes]:
    """One JSON line for each record that could not be read."""
    for item in damaged:
        told = {"input": item.place.input, "record": item.place.record, "reason": item.reason}
        of_crawl = {} if item.offset is None else {"offset": item.offset, "kind": item.kind}
        yield dump_line(told | of_crawl)


def passage_lines(passages: Iterable[ReusedPassage]) -> Iterator[bytes]:
    """One JSON line for each reused passage."""
    for passage in passages:
        yield dump_line(
            {
                "text": passage.text,
                "n_words": passage.n_words,
                "articles": [
                    {
                        "id": place.id,
                        "cluster": place.cluster,
                        "start": place.span.start,
                        "stop": place.span.stop,
                        "similarity": place.similarity,
                        "relation": place.relation,
                    }
                    for place in passage.occurrences
                ],
            }
        )

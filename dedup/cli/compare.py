"""``dedup compare``."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

import click

from dedup.cli.options import context_option, json_option, least_words_option, threshold_option

if TYPE_CHECKING:
    from dedup.match.context import Context
    from dedup.match.scoring import Scorer

COPIES = 1


@click.command()
@click.argument("files", nargs=-1, metavar="[A B]")
@click.option(
    "--text", "texts", multiple=True, help="A text instead of a file; twice, or once beside a file."
)
@click.option(
    "--pairs",
    metavar="PAIRS",
    help='JSON lines {"id", "a", "b"} to compare, and "a_title", "a_date", "a_url" and so on; - is standard input.',
)
@click.option(
    "--model",
    metavar="DIR",
    help="Local folder of an embedding model that is asked too; nothing is downloaded.",
)
@click.option(
    "--model-weight",
    type=click.FloatRange(0, 1),
    default=0.2,
    show_default=True,
    help="Share of the model in the probability of a rewrite.",
)
@context_option
@threshold_option
@least_words_option
@json_option
@click.option("--exit-zero", is_flag=True, help="Exit with 0 for copies too.")
@click.pass_context
def compare(  # noqa: PLR0913, PLR0917 - one for each option
    ctx: click.Context,
    files: tuple[str, ...],
    texts: tuple[str, ...],
    pairs: str | None,
    model: str | None,
    model_weight: float,
    context: Context | None,
    threshold: float,
    least_words: int,
    as_json: bool,
    exit_zero: bool,
) -> None:
    """Say what one article is to another.

    A and B are texts, pages of HTML, or JSON objects with one article each, compressed or not; - is standard input. Exit status: 0 for no copies,
    1 for copies, 2 for trouble; with --pairs 0.
    """
    from dedup.cli.pairs import as_dict, read_pair, score_lines  # noqa: PLC0415 - not for --help
    from dedup.cli.verdict import explain  # noqa: PLC0415
    from dedup.comparison import compare as compare_articles  # noqa: PLC0415
    from dedup.match.relation import Limits  # noqa: PLC0415

    judge = partial(
        compare_articles,
        limits=Limits.for_threshold(threshold),
        least_words=least_words,
        context=context,
        scorer=_scorer_of(model),
        scorer_weight=model_weight,
    )
    if pairs is not None:
        for line in score_lines(pairs, judge, given=bool(files or texts)):
            click.echo(line)
        return
    one, other = read_pair(files, texts)
    verdict = judge(one, other)
    click.echo(json.dumps(as_dict(verdict)) if as_json else explain(verdict, one, other))
    ctx.exit(COPIES if verdict.is_copy and not exit_zero else 0)


def _scorer_of(model: str | None) -> Scorer | None:
    if model is None:
        return None
    from dedup.semantic import load_scorer  # noqa: PLC0415 - few ask for it

    return load_scorer(model)

"""Options that several commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from dedup.cli.notices import hush
from dedup.cli.progress import MODES

if TYPE_CHECKING:
    from collections.abc import Callable

    from dedup.io.extracting import Extractor
    from dedup.match.context import Context

F = TypeVar("F", bound="Callable[..., Any]")
_PROGRESS = "dedup.progress"
_PAGE_SECONDS = "dedup.page_seconds"  # in a context's meta
_STRICT = "dedup.strict"
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


class Size(click.ParamType[int]):
    """Bytes, as ``64M``."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401
        """Read a number with an optional unit."""
        if isinstance(value, int):
            return value
        digits = value.rstrip("KMGkmg")
        unit = value[len(digits) :].upper()
        if not (digits.isascii() and digits.isdigit()) or unit not in _UNITS or int(digits) == 0:
            self.fail(f"{value!r} is no size; write bytes, or a number with K, M or G, e.g. 64M", param, ctx)
        return int(digits) * _UNITS[unit]


class Assignment(click.ParamType[tuple[str, str]]):
    """``NAME=VALUE``."""

    name = "field=name"

    def convert(  # noqa: D102
        self,
        value: Any,  # noqa: ANN401
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        name, separator, target = value.partition("=")
        if not (name and separator and target):
            self.fail(f"{value!r} is no assignment; write FIELD=NAME, e.g. text=body", param, ctx)
        return name, target


def threshold_option(function: F) -> F:
    """``--threshold``, the same word and default as in the library."""
    return click.option(
        "--threshold",
        type=float,
        default=0.4,
        show_default=True,
        help="Resemblance of two texts from which on one is a copy of the other.",
    )(function)


def least_words_option(function: F) -> F:
    """``--least-words``, the same word and default as in the library."""
    return click.option(
        "--least-words",
        type=click.IntRange(1),
        default=20,
        show_default=True,
        help="Words of the shortest shared passage.",
    )(function)


def mark_option(function: F) -> F:
    """``--mark``, the same word and default as in the library."""
    return click.option(
        "--mark",
        is_flag=True,
        help="Write all records, each with fields that say what it is (dedup_kept, ...).",
    )(function)


def granularity_option(function: F) -> F:
    """``--granularity``, the same word and default as in the library."""
    return click.option(
        "--granularity",
        type=click.Choice(["incident", "event", "topic"]),
        default="event",
        show_default=True,
        help="How much is one story.",
    )(function)


def work_options(function: F) -> F:
    """``--memory``, ``--work-dir`` and ``--restart``: dumps larger than the memory, and runs that are interrupted."""
    for option in (
        click.option(
            "--restart",
            is_flag=True,
            help="Throw away what an interrupted run has left in the work directory.",
        ),
        click.option(
            "--work-dir",
            metavar="DIR",
            help="For what does not fit into the memory, and to go on from after an interruption. Removed at the end. "
            "Default with --memory: KEPT.work.",
        ),
        click.option(
            "--memory", type=Size(), metavar="SIZE", help="Most memory to hold, e.g. 2G. Default: no limit."
        ),
    ):
        function = option(function)
    return function


def json_option(function: F) -> F:
    """``--json``."""
    return click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")(function)


def quiet_option(function: F) -> F:
    """``--quiet``."""
    return click.option(
        "-q",
        "--quiet",
        is_flag=True,
        callback=hush,
        help="No summary, no progress and no notice of compiling.",
    )(function)


def progress_option(function: F) -> F:
    """``--progress``; the command does not get it, but :func:`progress_mode`."""
    return click.option(
        "--progress",
        type=click.Choice(MODES),
        default="auto",
        show_default=True,
        expose_value=False,
        callback=_note_progress,
        help="How far it has come, on standard error: a bar if that is a terminal; plain lines; or nothing.",
    )(function)


def progress_mode() -> str:
    """What ``--progress`` of the command that runs says."""
    return str(click.get_current_context().meta[_PROGRESS])


def _note_progress(ctx: click.Context, _parameter: click.Parameter, value: str) -> None:
    ctx.meta[_PROGRESS] = value


def reading_options(function: F) -> F:
    """``--field``, ``--strict``, ``--on-error``, ``--max-record`` and ``--input-format``: how records are read; and pages."""
    for option in (
        click.option(
            "--extractor",
            type=click.Choice(["resiliparse", "trafilatura"]),
            default="resiliparse",
            show_default=True,
            callback=_make_extractor,
            help="What extracts the articles of pages: the fast one, or the thorough one.",
        ),
        click.option(
            "--page-seconds",
            type=click.FloatRange(0, min_open=True),
            default=10,
            show_default=True,
            is_eager=True,
            expose_value=False,
            callback=_keep_seconds,
            help="CPU time that the extraction of a page may take.",
        ),
        click.option(
            "--input-format",
            type=click.Choice(["jsonl", "json", "csv", "tsv", "parquet", "text", "html", "warc"]),
            help="Format of all inputs. Default: told by the contents, or the name, of each.",
        ),
        click.option("--max-record", type=Size(), default="64M", show_default=True, help="Longest record."),
        click.option(
            "--on-error",
            type=click.Choice(["raise", "skip"]),
            default="raise",
            show_default=True,
            callback=_be_strict,
            help="What to do with a record that can't be read. What is damaged in a crawl is left out.",
        ),
        click.option(
            "--strict",
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_keep_strictness,
            help="End at anything that can't be read, or in a crawl is no page.",
        ),
        click.option(
            "--field",
            "fields",
            type=Assignment(),
            multiple=True,
            metavar="FIELD=NAME",
            help="Name of a field.",
        ),
    ):
        function = option(function)
    return function


def _keep_strictness(ctx: click.Context, param: click.Parameter, is_strict: bool) -> None:  # noqa: ARG001
    ctx.meta[_STRICT] = is_strict


def _be_strict(ctx: click.Context, param: click.Parameter, given: str) -> str:  # noqa: ARG001
    """What to do with damage, as the library calls it."""
    if not ctx.meta.get(_STRICT):
        return given
    if given == "skip":
        raise click.UsageError(
            "--strict ends at damage, and --on-error skip goes on; leave one of them out", ctx
        )
    return "strict"


def _keep_seconds(ctx: click.Context, param: click.Parameter, seconds: float) -> None:  # noqa: ARG001
    ctx.meta[_PAGE_SECONDS] = seconds


def _make_extractor(ctx: click.Context, param: click.Parameter, name: str) -> Extractor:  # noqa: ARG001
    from dedup.io.extracting import Extractor  # noqa: PLC0415 - not for --help

    return Extractor(name, ctx.meta[_PAGE_SECONDS])  # type: ignore[arg-type]  # click has checked it


def window_option(function: F) -> F:
    """``--window``, the same word as in the library."""
    return click.option(
        "--window",
        metavar="LENGTH",
        help="How far apart in time an article and another of its cluster may be, e.g. 30d. "
        "An index keeps what it began with.",
    )(function)


def index_options(function: F) -> F:
    """What an index is set up with when it begins; one that is there keeps what it has."""
    for option in (
        click.option("--seed", type=int, help="Of the permutations: 1."),
        click.option("--walk", type=int, help="Most leaders one article is compared with: 128."),
        click.option("--max-perm", type=int, help="Most permutations of a signature: 256."),
        click.option("--recall", type=float, help="Chance to find a pair at the threshold: 0.95."),
        click.option(
            "--threshold",
            type=float,
            help="Resemblance of two texts from which on one is a copy of the other, for an index that begins: 0.4. "
            "An index that is there keeps what it began with; to ask for something else is an error.",
        ),
        context_option,
        window_option,
    ):
        function = option(function)
    return function


def context_option(function: F) -> F:
    """``--context``, the same word as in the library; the command gets what stands in the file."""
    return click.option(
        "--context",
        metavar="FILE",
        callback=_read_context,
        help="What to leave out, instead of learning it: what --boilerplate of a run wrote.",
    )(function)


def _read_context(ctx: click.Context, param: click.Parameter, name: str | None) -> Context | None:  # noqa: ARG001
    from dedup.cli.articles import read_context  # noqa: PLC0415 - few ask for it

    return None if name is None else read_context(name)

"""Entry point: the commands, loaded when they are called, and what an exit status means."""

from __future__ import annotations

import io
import os
import sys
from typing import TYPE_CHECKING

import click

from dedup.cli.lazy import LazyGroup
from dedup.cli.settings import ORIGINS, origin_of
from dedup.cli.terminal import printable
from dedup.errors import DedupError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

#: Commands, the files they live in, and what ``dedup --help`` says of them without importing them.
COMMANDS = {
    "run": ("dedup.cli.run", "Deduplicate a dump of articles."),
    "index": ("dedup.cli.index", "Remember articles, and say which were seen before."),
    "compare": ("dedup.cli.compare", "Say what one article is to another."),
    "inspect": ("dedup.cli.inspect", "Say what one page repeats within itself."),
    "headlines": ("dedup.cli.headlines", "List headlines that stand over several articles."),
    "stories": ("dedup.cli.stories", "Group articles into stories."),
    "tune": ("dedup.cli.tune", "Say what thresholds cost, what they miss and would drop."),
    "evaluate": ("dedup.cli.evaluate", "Compare predicted clusters, or scores of pairs, with the truth."),
    "config": ("dedup.cli.config", "Say what every option is set to, and where that comes from."),
    "doctor": ("dedup.cli.doctor", "Say what state this installation is in, and try it out."),
}
TROUBLE, INTERRUPTED = 2, 130
_COMPLETE = "_DEDUP_COMPLETE"  # click's name for it


def _version(ctx: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        from importlib.metadata import version  # noqa: PLC0415 - 20 ms that only this option needs

        click.echo(f"dedup {version('news-dedup')}")
        ctx.exit()


@click.group(cls=LazyGroup, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version."
)
@click.option(
    "--config", metavar="FILE", help="Settings, instead of dedup.toml; this one may name files too."
)
@click.option("--no-config", is_flag=True, help="Read no file of settings.")
@click.pass_context
def cli(ctx: click.Context, config: str | None, no_config: bool) -> None:
    """Find the news that is the same news."""
    from dedup.cli.configuration import as_default_map, find_settings, settings_of  # noqa: PLC0415 - not for --help

    file = find_settings(config, off=no_config)
    if file is not None:
        settings = settings_of(file, cli, ctx)
        ctx.default_map = as_default_map(settings)
        ctx.meta[ORIGINS] = {(one.path, one.name): one.origin for one in settings}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; the exit status is 1 only ever for "copies", and 2 for every failure."""
    # BLAS is not used; its threads cost 0.1 s when NumPy is imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if asked := os.environ.get(_COMPLETE):
        from click.shell_completion import shell_complete  # noqa: PLC0415 - shells ask, nobody else

        sys.exit(shell_complete(cli, {}, "dedup", _COMPLETE, asked))
    sys.exit(_status(sys.argv[1:] if arguments is None else list(arguments)))


def _notices(context: click.Context) -> AbstractContextManager[None]:
    from dedup.cli.notices import notices  # noqa: PLC0415 - logging, which --help need not wait for

    return notices(context)


def _status(arguments: list[str]) -> int:  # noqa: PLR0911 - one for each way to end
    """Exit status of a command. Click's own way with what is raised would end a closed pipe with 1."""
    try:
        with cli.make_context("dedup", arguments) as context, _notices(context):
            cli.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as end:
        return end.exit_code
    except (KeyboardInterrupt, click.exceptions.Abort):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except click.ClickException as error:
        shown = io.StringIO()
        error.show(file=shown)
        lines = shown.getvalue().splitlines()
        if isinstance(error, click.BadParameter) and error.ctx and error.param:
            lines += [f"({origin} says so)" for origin in [origin_of(error.ctx, error.param)] if origin]
        click.echo("\n".join(map(printable, lines)), err=True)
        return TROUBLE
    except BrokenPipeError:
        # The reader has left: nothing to say, and nothing to be flushed at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except DedupError as error:
        click.echo(f"dedup: {printable(str(error))}", err=True)
        return TROUBLE
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not look like "copies"
        if os.environ.get("DEDUP_TRACEBACK"):
            import traceback  # noqa: PLC0415 - not for what goes well

            traceback.print_exc()
        click.echo(f"dedup: {printable(f'unexpected {type(error).__name__}: {error}')}", err=True)
        click.echo("(DEDUP_TRACEBACK=1 shows where)", err=True)
        return TROUBLE
    return 0

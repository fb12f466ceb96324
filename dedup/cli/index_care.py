"""``dedup index info``, ``expire``, ``remove``, ``compact``, ``verify`` and ``export``."""

from __future__ import annotations

import click

from dedup.cli.options import json_option, quiet_option


@click.command()
@click.argument("index")
@json_option
def info(index: str, as_json: bool) -> None:
    """Say what an index is and how much is in it."""
    from dedup.cli.indexed import show_info  # noqa: PLC0415 - not for --help
    from dedup.opening import open_index  # noqa: PLC0415

    with open_index(index, create=False) as there:
        click.echo(show_info(there.info(), len(there.manifest.context.boilerplate), as_json))


@click.command()
@click.argument("index")
@click.option(
    "--before", metavar="WHEN", help="A date, or how long ago (30d). Default: the window of the index."
)
def expire(index: str, before: str | None) -> None:
    """Forget what was published before a moment.

    Undated articles are as old as their adding. A cluster lives until its last article expires. Says how many
    articles were forgotten; dedup index compact gives their space back.
    """
    from dedup.errors import ParameterError  # noqa: PLC0415 - not for --help
    from dedup.index.registry import shown  # noqa: PLC0415
    from dedup.opening import open_index  # noqa: PLC0415

    with open_index(index, create=False) as there:
        if before is None and there.manifest.window < 0:
            raise ParameterError(
                f"{shown(index)} was set up without a window; say what to forget: --before 30d, or --before 2026-01-31"
            )
        click.echo(f"{'expired':10}{there.expire(before):>14,}")
        click.echo(f"{'articles':10}{len(there):>14,}")


@click.command()
@click.argument("index")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.option("--missing-ok", is_flag=True, help="Exit with 0 if an id is not there.")
def remove(index: str, ids: tuple[str, ...], missing_ok: bool) -> None:
    """Forget articles by their ids.

    All versions of an article go. An id that is not there ends with status 2, when the others are removed.
    """
    from dedup.errors import ParameterError  # noqa: PLC0415 - not for --help
    from dedup.opening import open_index  # noqa: PLC0415

    with open_index(index, create=False) as there:
        removed = {doc_id: there.remove(doc_id) for doc_id in dict.fromkeys(ids)}
        click.echo(f"{'removed':10}{sum(removed.values()):>14,}")
        click.echo(f"{'articles':10}{len(there):>14,}")
    absent = [doc_id for doc_id, count in removed.items() if not count]
    if absent and not missing_ok:
        raise ParameterError(f"not in the index: {', '.join(map(repr, absent))}")


@click.command()
@click.argument("index")
def compact(index: str) -> None:
    """Give back the space of what was forgotten.

    Says how many bytes the index takes, before and after. Others may use it meanwhile.
    """
    from dedup.opening import open_index  # noqa: PLC0415 - not for --help

    with open_index(index, create=False) as there:
        click.echo(f"{'before':10}{sum(there.info().bytes.values()):>14,}")
        there.compact()
        click.echo(f"{'after':10}{sum(there.info().bytes.values()):>14,}")


@click.command()
@click.argument("index")
@click.pass_context
def verify(ctx: click.Context, index: str) -> None:
    """Say what is wrong with what is stored.

    A line for each fault. Exit status: 0 if there is none, else 2.
    """
    from dedup.cli.main import TROUBLE  # noqa: PLC0415 - not for --help
    from dedup.cli.terminal import counted, printable  # noqa: PLC0415
    from dedup.opening import open_index  # noqa: PLC0415

    with open_index(index, create=False) as there:
        faults = there.verify()
        for fault in faults:
            click.echo(printable(fault))
        told = f"{counted(len(there), 'article')}, {counted(len(faults), 'fault')}"
    click.echo(told, err=True)
    ctx.exit(TROUBLE if faults else 0)


@click.command()
@click.argument("index")
@click.option("-o", "--output", metavar="FILE", default="-", show_default=True, help="Gets the lines.")
@quiet_option
def export(index: str, output: str, quiet: bool) -> None:
    """Write all articles as JSON lines.

    In the order in which they were added, with what an index keeps of them: id, url, title, date, source, text, and
    the cluster. dedup index add reads them again. Compression follows the suffix.
    """
    from dedup.crawls import export_articles  # noqa: PLC0415 - not for --help
    from dedup.opening import open_index  # noqa: PLC0415

    with open_index(index, create=False) as there:
        count = export_articles(there, output)
    if not quiet:
        click.echo(f"{'exported':10}{count:>14,}", err=True)

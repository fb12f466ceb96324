"""Kept: where the records that are kept go, and in which format."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dedup.errors import MissingExtraError, ParameterError
from dedup.io.csv_output import write_csv, write_tsv
from dedup.io.formats import PAGES, suffix_format
from dedup.io.json_output import is_array, write_array, write_lines, write_objects
from dedup.io.outputs import compression_of
from dedup.io.streams import STANDARD_STREAM

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from typing import BinaryIO

    from dedup.io.inputs import Inputs
    from dedup.io.marks import Marker
    from dedup.io.outputs import Outputs
    from dedup.io.parts import Part
    from dedup.kernels.types import Rows

    Write = Callable[[Sequence[Part], BinaryIO], None]

#: Formats of which a file is one article, as it stands.
_WHOLE = {"text": "a text", "html": "a page"}
_UNMARKED = {**_WHOLE, "warc": "of a crawl"}


class Kept:
    """The file or the directory that gets the records that are kept.

    Parameters
    ----------
    target : str or path
        A file; a directory that is there, or a name that ends with a slash: one file in it for each input.
    given : iterable of str or path
        Inputs as the user named them.
    names : sequence of str
        Files that they stand for.
    mark : bool, default=False
        Whether all records are written, each with what is said of it.

    Attributes
    ----------
    names : list of str
        Files that may be written.

    Raises
    ------
    ParameterError
        If two inputs would be written to one file, or the directory lies in one that is read.
    """

    def __init__(
        self,
        target: str | os.PathLike[str],
        given: Iterable[str | os.PathLike[str]],
        names: Sequence[str],
        *,
        mark: bool = False,
    ) -> None:
        self._target = os.fspath(target)
        self._mark = mark
        self._mirrored: list[Path] | None = None
        self._stream: BinaryIO | None = None
        if is_directory(self._target):
            self._mirrored = mirrored(Path(self._target), [os.fspath(name) for name in given], names)
        self.names = [self._target] if self._mirrored is None else list(map(str, self._mirrored))

    def open(self, outputs: Outputs, taken: Inputs) -> None:
        """Make sure that it can be written, before anything is read.

        Raises
        ------
        MissingExtraError
            If the format needs an optional package.
        ParameterError
            If the format can't hold what is asked for, or a compressed file of it could not be read.
        WriteError
            If there is no such directory, or no permission.
        """
        self._outputs, self._taken = outputs, taken
        if self._mirrored is None:
            self._format = format_for(self._target, set(taken.formats))
            if self._format == "parquet" and compression_of(Path(self._target)) is not None:
                raise ParameterError(
                    f"{self._target} would be a compressed Parquet file, which nobody reads, for Parquet compresses its"
                    f" columns itself; write to a name that ends with .parquet"
                )
            if self._format == "warc":
                self._check_crawls(taken)
            self._write = _writer(self._format, compression_of(Path(self._target)))
            self._stream = outputs.create(self._target, compress=self._format != "warc")
            if {self._format, *taken.formats} == {"parquet"}:
                from dedup.io.parquet_output import common_schema  # noqa: PLC0415 - an extra

                common_schema(taken.readers)
            return
        for name, form in zip(taken.names, taken.formats, strict=True):
            if self._mark and form in _UNMARKED:
                raise ParameterError(
                    f"{name} is {_UNMARKED[form]}, which has no fields for --mark; write to a file, e.g. marked.jsonl"
                )
        for form in set(taken.formats):
            _writer(form)
        outputs.make_directory(Path(self._target))

    def write(self, kept: Rows, marker: Marker) -> None:
        """Write the records that are their own canonical, or all of them with their marks."""
        everybody = np.arange(len(kept))
        rows = everybody if self._mark else np.flatnonzero(kept == everybody)
        parts = self._taken.parts(rows, marker if self._mark else None)
        if self._stream is not None:
            self._write(parts, self._stream)
            return
        for path, part in zip(self._mirrored or (), parts, strict=True):
            alone = part.format in _WHOLE or (part.format == "json" and not is_array(part))
            if alone and not len(part.rows):
                continue  # an article that is a file: an empty one would be broken
            compression = part.reader.compression
            write = (
                write_objects
                if alone and part.format == "json"
                else _writer(part.format, compression, is_mirror=True)
            )
            with self._outputs.writing(path, None if part.format == "warc" else compression) as stream:
                write([part], stream)

    def _check_crawls(self, taken: Inputs) -> None:
        """Refuse to write what is no record of a crawl among such records, or to write it with marks."""
        if self._mark:
            raise ParameterError(
                "records of a crawl have no fields for --mark; write to a file, e.g. marked.jsonl"
            )
        if ".arc" in Path(self._target.lower()).suffixes:
            raise ParameterError(f"{self._target}: ARC is read and not written; write to e.g. kept.warc.gz")
        others = [name for name, form in zip(taken.names, taken.formats, strict=True) if form != "warc"]
        if others:
            raise ParameterError(
                f"{self._target} gets records of crawls, and {others[0]} has none; write to e.g. kept.jsonl"
            )


def is_directory(target: str) -> bool:
    """Whether one file for each input is asked for."""
    return target != STANDARD_STREAM and (target.endswith((os.sep, "/")) or Path(target).is_dir())


def format_for(target: str, inputs: Collection[str]) -> str:
    """Format of an output, by its suffix, else that which all inputs have; JSON lines where they differ.

    Examples
    --------
    >>> format_for("kept.csv.gz", {"jsonl"}), format_for("-", {"csv"}), format_for("kept", {"csv", "jsonl"})
    ('csv', 'csv', 'jsonl')
    >>> format_for("kept.json", {"json"}), format_for("kept.json", {"csv"}), format_for("kept.json", {"jsonl"})
    ('json', 'json', 'jsonl')
    """
    named = suffix_format(target)
    if named == "json":
        return "jsonl" if "jsonl" in inputs else "json"
    if named is not None and named not in _WHOLE:
        return named
    (only, *others) = sorted(inputs)
    return "jsonl" if others or only in ("text", *PAGES) else only


def mirrored(directory: Path, given: Sequence[str], names: Sequence[str]) -> list[Path]:
    """File in a directory for each input: at its place below the directory that was given, else by its name.

    Raises
    ------
    ParameterError
        If an input has no name, two would be one file, or the directory lies in one that is read.
    """
    read = [name for name in given if Path(name).is_dir()]
    home = Path(os.path.realpath(directory))
    for place in read:
        if Path(os.path.realpath(place)) in (home, *home.parents):
            raise ParameterError(
                f"{directory} lies in the input directory {place}; write to a directory outside of it"
            )
    above = list(map(_absolute, read))
    taken: dict[Path, str] = {}
    for name in names:
        if name == STANDARD_STREAM:
            raise ParameterError(f"standard input has no name for a file in {directory}; write to a file")
        path = directory / _below(name, above)
        if path in taken:
            raise ParameterError(
                f"{taken[path]} and {name} would both be written to {path}; write to two directories, or to one file"
            )
        taken[path] = name
    return list(taken)


def _below(name: str, directories: Iterable[Path]) -> Path:
    """Place of a file below the innermost of these directories; its bare name if it is in none."""
    whole = _absolute(name)
    above = [place for place in directories if place in whole.parents]
    return whole.relative_to(max(above, key=lambda place: len(place.parts))) if above else Path(whole.name)


def _absolute(name: str) -> Path:
    """Name from the root; links in it stand, for the file lies where the user sees it."""
    return Path(os.path.abspath(name))  # noqa: PTH100 - resolve() follows links


def write_text(parts: Sequence[Part], output: BinaryIO) -> None:
    """Write a text as it stands, which is a file of its own."""
    for part in parts:
        output.writelines(part.pieces())


def _writer(form: str, compression: str | None = None, *, is_mirror: bool = False) -> Write:
    """What writes a format; of records of a crawl in this compression, and in a mirror as they are stored.

    Raises
    ------
    MissingExtraError
        If it needs a package that is not installed.
    """
    if form == "warc":
        from dedup.io.warc_output import write_warc  # noqa: PLC0415 - an extra, which its readers have imported

        return partial(write_warc, compression=compression, as_stored=is_mirror)
    if form != "parquet":
        return _WRITERS[form]
    try:
        from dedup.io.parquet_output import write_parquet  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError("Parquet", "parquet") from error
    return write_parquet


_WRITERS: dict[str, Write] = {
    "jsonl": write_lines,
    "json": write_array,
    "csv": write_csv,
    "tsv": write_tsv,
    "text": write_text,
    "html": write_text,
}

"""Files: which ones the inputs of a run stand for."""

from __future__ import annotations

import os
from collections import Counter
from glob import glob, has_magic
from pathlib import Path
from typing import TYPE_CHECKING

from dedup.asking import check_many
from dedup.errors import ReadError
from dedup.io.formats import SUFFIXES, missing_extra, suffix_format
from dedup.io.streams import STANDARD_STREAM

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Kinds of other files that are named.
_MOST_NAMED = 8


def expand_inputs(inputs: Iterable[str | os.PathLike[str]]) -> list[str]:
    """File names that the inputs stand for: globs and directories expanded and sorted, the rest as given.

    Of a directory, all files below it whose name tells a format that is read, pages where their extra is installed; nothing whose name begins with a dot.

    Raises
    ------
    ParameterError
        If it is one file and no list of files.
    ReadError
        If one does not exist, matches nothing, or is a directory without such a file.
    """
    check_many("inputs", inputs, "files")
    names: list[str] = []
    for given in [os.fspath(name) for name in inputs]:
        if given == STANDARD_STREAM or Path(given).is_file():
            names.append(given)
        elif Path(given).is_dir():
            names += _files_of(given)
        elif has_magic(given):
            matches = sorted(
                match
                for match in glob(given, recursive=True)  # noqa: PTH207 - absolute or not, as given
                if Path(match).is_file()
            )
            if not matches:
                raise ReadError(given, "matches no file")
            names += matches
        elif Path(given).exists():
            names.append(given)  # a pipe or a device
        else:
            raise ReadError(given, "no such file")
    if not names:
        raise ReadError("inputs", "none given; name at least one file, or - for standard input")
    return names


def other_files(inputs: Iterable[str | os.PathLike[str]]) -> Counter[str]:
    """Files in the directories among the inputs that are not read, counted by their suffixes.

    Examples
    --------
    >>> other_files(["fixtures"])
    Counter({'.md': 1})
    """
    return Counter(Path(name).suffix.lower() or "no suffix" for name in left_out(inputs))


def left_out(inputs: Iterable[str | os.PathLike[str]]) -> Iterator[str]:
    """Files in the directories among the inputs that are not read.

    Examples
    --------
    >>> [*left_out(["fixtures"])]
    ['fixtures/README.md']
    """
    directories = [os.fspath(name) for name in inputs if Path(name).is_dir()]
    return (name for directory in directories for name in _walk(directory) if not _is_read(name))


def missing_extras(inputs: Iterable[str | os.PathLike[str]]) -> list[str]:
    """Extras without which files in the directories among the inputs are not read.

    Examples
    --------
    >>> missing_extras(["fixtures/news"])
    []
    """
    directories = [os.fspath(name) for name in inputs if Path(name).is_dir()]
    extras = {missing_extra(name) for directory in directories for name in _walk(directory)}
    return sorted(extra for extra in extras if extra is not None)


def _is_read(name: str) -> bool:
    """Whether a file is read that was not named by itself: by the name that it has, and what is installed."""
    return suffix_format(name) is not None and missing_extra(name) is None


def _files_of(directory: str) -> list[str]:
    """Files of a directory that are read."""
    found = sorted(filter(_is_read, _walk(directory)))
    if not found:
        others = other_files([directory])
        kinds = ", ".join(kind for kind, _ in others.most_common(_MOST_NAMED))
        there = f"{others.total():,} files of other kinds ({kinds})" if others else "no file"
        raise ReadError(
            directory,
            f"is a directory with {there}; what is read has a name that ends with {', '.join(SUFFIXES)}"
            + "".join(
                f"; pages need pip install 'news-dedup[{extra}]'" for extra in missing_extras([directory])
            ),
        )
    return found


def _walk(directory: str) -> Iterator[str]:
    """Files below a directory; each directory once, whatever links lead to it."""
    seen: set[str] = set()
    for folder, folders, files in os.walk(directory, followlinks=True):
        real = os.path.realpath(folder)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (os.path.join(folder, name) for name in files if not name.startswith("."))  # noqa: PTH118

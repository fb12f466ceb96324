"""What the kernels over postings compute, with lists and dicts: slow, and obviously right."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Posting = tuple[int, int]


def sort_postings(postings: Iterable[Posting]) -> list[Posting]:
    """By key; Python's sort is stable."""
    return sorted(postings, key=lambda posting: posting[0])


def directory(keys: Sequence[int], bits: int) -> list[int]:
    """Where the keys of each value of the upper bits begin, and the end."""
    return [sum(key >> (64 - bits) < value for key in keys) for value in range((1 << bits) + 1)]


def look_up(keys: Sequence[int], asked: Sequence[int]) -> list[tuple[int, int, int]]:
    """Number, begin and end of each asked key that stands there."""
    return [
        (query, keys.index(key), keys.index(key) + keys.count(key))
        for query, key in enumerate(asked)
        if key in keys
    ]


def last_numbers(postings: Iterable[Posting], key: int, most: int) -> tuple[list[int], int]:
    """The last numbers under a key, and how many there are in all."""
    numbers = [number for other, number in postings if other == key]
    return numbers[max(len(numbers) - most, 0) :], len(numbers)


def sift(postings: Iterable[Posting], first: int, flags: Sequence[int]) -> list[Posting]:
    """Postings of numbers that are not gone."""
    return [
        (key, number)
        for key, number in postings
        if number >= first and (number - first >= len(flags) or flags[number - first])
    ]

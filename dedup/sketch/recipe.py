"""The recipe: everything on the way from a text to its keys, in one object with a manifest."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from dedup.errors import ParameterError
from dedup.sketch.banding import choose_bands
from dedup.sketch.signatures import SCHEME, permutations, undo_factors
from dedup.text.columns import ShingleTable, TextColumn, shingle_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dedup.kernels.types import Hashes, Rows, Signatures

#: Changes whenever the same text would get other shingles, signatures or keys.
VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How texts become signatures and band keys. Texts of different recipes can't be compared by sketch.

    Parameters
    ----------
    num_perm : int, default=138
        Permutations, at least ``bands * rows``.
    bands, rows : int, default=46, 3
        Cut of the signature; the defaults propose a pair of resemblance 0.4 with a chance of 0.952.
    width : int, default=5
        Words in a shingle.
    seed : int, default=1
        Of the permutations.
    """

    num_perm: int = 138
    bands: int = 46
    rows: int = 3
    width: int = 5
    seed: int = 1

    def __post_init__(self) -> None:
        for name in ("num_perm", "bands", "rows", "width"):
            if getattr(self, name) < 1:
                raise ParameterError(f"{name} is {getattr(self, name)}; at least 1 is needed")
        if not 0 <= self.seed < 1 << 32:
            raise ParameterError(f"seed is {self.seed}; a number from 0 to 4294967295 is needed")
        if self.bands * self.rows > self.num_perm:
            raise ParameterError(
                f"{self.bands} bands of {self.rows} rows need {self.bands * self.rows} permutations, "
                f"num_perm is {self.num_perm}"
            )

    @classmethod
    def for_target(
        cls,
        threshold: float = 0.4,
        recall: float = 0.95,
        *,
        max_perm: int = 256,
        width: int = 5,
        seed: int = 1,
    ) -> Recipe:
        """Recipe that proposes a pair at the threshold with this chance; see :func:`choose_bands`."""
        bands, rows = choose_bands(threshold, recall, max_perm)
        return cls(num_perm=bands * rows, bands=bands, rows=rows, width=width, seed=seed)

    def manifest(self) -> dict[str, Any]:
        """Parameters, scheme and version, as an index stores them."""
        return {"version": VERSION, "scheme": SCHEME, **asdict(self)}

    def sign(self, table: ShingleTable, rows: Rows, out: Signatures | None = None) -> Signatures:
        """Sign rows of a shingle table.

        Parameters
        ----------
        table : ShingleTable
            Made with this recipe's width.
        rows : ndarray of int64 of shape (n,)
            Which rows.
        out : ndarray of uint32 of shape (n, num_perm), optional
            Gets the signatures, and is returned.

        Returns
        -------
        ndarray of uint32 of shape (n, num_perm)
            The largest value everywhere for a row without shingles.

        Notes
        -----
        About 3 microseconds for a news article; the interpreter lock is released.
        """
        from dedup.kernels.minhash import sign_rows  # noqa: PLC0415 - numba takes 0.3 s

        signatures = np.empty((len(rows), self.num_perm), np.uint32) if out is None else out
        mixed = np.empty(table.sizes[rows].max(initial=0), np.uint32)
        sign_rows(
            table.indptr, table.hashes, rows, *permutations(self.num_perm, self.seed), mixed, signatures
        )
        return signatures

    def sign_again(
        self, table: ShingleTable, rows: Rows, dropped: Hashes, signatures: Signatures, places: Rows
    ) -> None:
        """Mend signatures when shingles were dropped from a table, as :meth:`sign` would give them now.

        Parameters
        ----------
        table : ShingleTable
            Without the dropped shingles.
        rows : ndarray of int64 of shape (n,)
            Rows that may have lost some.
        dropped : ndarray of uint64
            All that were dropped.
        signatures : ndarray of uint32 of shape (n_signed, num_perm)
            Of the rows as they were; written to.
        places : ndarray of int64 of shape (n,)
            Where in `signatures` that of each row stands.

        Notes
        -----
        Grows with the share of shingles that a row lost; 0.03 instead of the 0.08 CPU seconds of :meth:`sign` for the
        20,000 texts with boilerplate of a dump (2026-11).
        """
        from dedup.kernels.minhash import sign_again  # noqa: PLC0415 - numba takes 0.3 s

        factors, terms = permutations(self.num_perm, self.seed)
        mixed = np.empty(table.sizes[rows].max(initial=0), np.uint32)
        marks = np.empty(1 << 14, np.uint64)
        sign_again(
            table.indptr,
            table.hashes,
            rows,
            places,
            dropped,
            factors,
            undo_factors(factors),
            terms,
            marks,
            mixed,
            signatures,
        )

    def sign_texts(self, texts: Iterable[str]) -> Signatures:
        """Signatures of a few texts, uint32 of shape (n_texts, num_perm); see :meth:`sign`."""
        batch = shingle_column(TextColumn.of([text.encode(errors="replace") for text in texts]), self.width)
        indptr = np.concatenate([[0], np.cumsum(batch.counts)])
        table = ShingleTable(indptr, batch.hashes, batch.n_words, batch.text_hashes)
        return self.sign(table, np.arange(len(batch.counts)))

    def key(self, signatures: Signatures) -> Hashes:
        """Band keys of signatures, uint64 of shape (n, bands); in memory they stand band by band."""
        return next(self.key_parts(signatures, self.bands)).T

    def key_parts(self, signatures: Signatures, bands: int = 8) -> Iterator[Hashes]:
        """The same band keys, so many bands at a time: uint64 of shape (bands, n), the last part may have fewer."""
        from dedup.kernels.minhash import key_bands  # noqa: PLC0415 - numba takes 0.3 s

        for first in range(0, self.bands, bands):
            keys = np.empty((min(bands, self.bands - first), len(signatures)), np.uint64)
            key_bands(signatures, first, self.rows, keys)
            yield keys

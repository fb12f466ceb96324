"""MinHash signatures by datasketch's ``affine32`` scheme, and the keys of their bands.

``min over x of (a * fmix32(x) + b) mod 2**32`` for each permutation (a, b); A. Broder, On the resemblance and
containment of documents (1997). The twin is datasketch itself; for the band keys, :mod:`dedup.sketch.banding`.
"""

from __future__ import annotations

import numpy as np

from dedup.kernels.compiling import inlined, kernel
from dedup.kernels.types import Elements, Hashes, Offsets, Rows, Signatures

LOW_32 = np.uint64(0xFFFFFFFF)
LARGEST = np.uint32(0xFFFFFFFF)
KEY_FACTOR = np.uint64(0x9E3779B97F4A7C15)
KEY_FINAL = np.uint64(0xD6E8FEB86659FD93)
U32 = np.uint64(32)
ONE, SIX, LAST_BIT = np.uint64(1), np.uint64(6), np.uint64(63)


@inlined
def _fmix32(value: np.uint32) -> np.uint32:
    """MurmurHash3's finaliser, a bijection on 32 bits."""
    value = np.uint32(value ^ (value >> np.uint32(16)))  # numba widens a product of uint32 to uint64
    value = np.uint32(value * np.uint32(0x85EBCA6B))
    value = np.uint32(value ^ (value >> np.uint32(13)))
    value = np.uint32(value * np.uint32(0xC2B2AE35))
    return np.uint32(value ^ (value >> np.uint32(16)))


@inlined
def _sign(mixed: Elements, factors: Elements, terms: Elements, signature: Signatures) -> None:
    """Minima of one text, four permutations at a time so that they stay in registers over all its shingles."""
    num_perm = len(signature)
    for p in range(0, num_perm - 3, 4):
        a0, a1, a2, a3 = factors[p], factors[p + 1], factors[p + 2], factors[p + 3]
        b0, b1, b2, b3 = terms[p], terms[p + 1], terms[p + 2], terms[p + 3]
        m0 = m1 = m2 = m3 = LARGEST
        for k in range(len(mixed)):
            x = mixed[k]
            m0 = min(m0, np.uint32(a0 * x + b0))
            m1 = min(m1, np.uint32(a1 * x + b1))
            m2 = min(m2, np.uint32(a2 * x + b2))
            m3 = min(m3, np.uint32(a3 * x + b3))
        signature[p], signature[p + 1], signature[p + 2], signature[p + 3] = m0, m1, m2, m3
    for p in range(num_perm - num_perm % 4, num_perm):
        least = LARGEST
        for k in range(len(mixed)):
            least = min(least, np.uint32(factors[p] * mixed[k] + terms[p]))
        signature[p] = least


@kernel("i8[] u8[] i8[] u4[] u4[] u4[] u4[,]")
def sign_rows(
    indptr: Offsets,
    hashes: Hashes,
    rows: Rows,
    factors: Elements,
    terms: Elements,
    mixed: Elements,
    signatures: Signatures,
) -> None:
    """Sign the given rows of a shingle table into the rows of ``signatures``; no shingle gives the largest values.

    ``mixed`` has room for the shingles of any row.
    """
    for k in range(len(rows)):
        shingles = hashes[indptr[rows[k]] : indptr[rows[k] + 1]]
        for j in range(len(shingles)):
            mixed[j] = _fmix32(np.uint32(shingles[j] & LOW_32))
        _sign(mixed[: len(shingles)], factors, terms, signatures[k])


@kernel("i8[] u8[] i8[] i8[] u8[] u4[] u4[] u4[] u8[] u4[] u4[,]")
def sign_again(
    indptr: Offsets,
    hashes: Hashes,
    rows: Rows,
    places: Rows,
    dropped: Hashes,
    factors: Elements,
    inverses: Elements,
    terms: Elements,
    marks: Hashes,
    mixed: Elements,
    signatures: Signatures,
) -> None:
    """Mend the signatures of rows that lost some of the ``dropped`` shingles; each stands at its place.

    A permutation can be undone: a value that no dropped shingle gives is that of one which is still there, and stays.
    What a shingle is mixed to sets a bit in ``marks``, a power of two words; a bit that another sets too costs time only.
    """
    low = np.uint32(64 * len(marks) - 1)
    marks[:] = np.uint64(0)
    for shingle in dropped:
        bit = np.uint64(_fmix32(np.uint32(shingle & LOW_32)) & low)
        marks[bit >> SIX] |= ONE << (bit & LAST_BIT)
    for k in range(len(rows)):
        signature = signatures[places[k]]
        shingles = hashes[indptr[rows[k]] : indptr[rows[k] + 1]]
        n_mixed = 0
        for p in range(len(signature)):
            origin = np.uint32(inverses[p] * np.uint32(signature[p] - terms[p]))
            bit = np.uint64(origin & low)
            if marks[bit >> SIX] >> (bit & LAST_BIT) & ONE:
                while n_mixed < len(shingles):
                    mixed[n_mixed] = _fmix32(np.uint32(shingles[n_mixed] & LOW_32))
                    n_mixed += 1
                least = LARGEST
                for j in range(n_mixed):
                    least = min(least, np.uint32(factors[p] * mixed[j] + terms[p]))
                signature[p] = least


@kernel("u4[,] i8 i8 u8[,]")
def key_bands(signatures: Signatures, first: int, rows: int, keys: Hashes) -> None:
    """64-bit key of some bands (rows of ``keys``) of each signature: its values and its number, folded in order."""
    for k in range(len(signatures)):
        for band in range(len(keys)):
            key = np.uint64(first + band + 1)
            for p in range((first + band) * rows, (first + band + 1) * rows):
                key = (key ^ np.uint64(signatures[k, p])) * KEY_FACTOR
                key ^= key >> U32
            key *= KEY_FINAL
            keys[band, k] = key ^ (key >> U32)

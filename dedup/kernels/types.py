"""Names of the arrays and numbers that kernels take."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Bytes: TypeAlias = NDArray[np.uint8]
Table16: TypeAlias = NDArray[np.uint16]
Elements: TypeAlias = NDArray[np.uint32]
Codes: TypeAlias = NDArray[np.uint32]
Hashes: TypeAlias = NDArray[np.uint64]
Signatures: TypeAlias = NDArray[np.uint32]
Offsets: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.uint8]
Rows: TypeAlias = NDArray[np.int64]
Rows32: TypeAlias = NDArray[np.int32]
#: Epoch seconds, NaN for what is undated; of clusters, the earliest and the latest.
Dates: TypeAlias = NDArray[np.float64]
Moments: TypeAlias = NDArray[np.float64]
#: Weights, where many of them are held.
Singles: TypeAlias = NDArray[np.float32]
Table64F: TypeAlias = NDArray[np.float64]
Rows32U: TypeAlias = NDArray[np.uint32]
#: Rows of columns.
Table: TypeAlias = NDArray[np.int64]
Table64: TypeAlias = NDArray[np.uint64]
Hash: TypeAlias = np.uint64
#: A number of something or a place: int outside, int64 inside a kernel.
Count: TypeAlias = Any
Flag: TypeAlias = Any

"""The gold sets, where they lie."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

#: Folder of data that others wrote or labelled; ``DEDUP_SHARED`` names another.
SHARED = Path(os.environ.get("DEDUP_SHARED", Path(__file__).parents[2] / "shared"))


def read_gold(name: str) -> list[dict[str, Any]]:
    """Rows of one set."""
    with gzip.open(SHARED / "data" / "gold" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]

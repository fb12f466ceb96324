"""Fuzz the readers and the tokeniser for as long as asked: ``python tools/fuzz.py --minutes 60 [--target jsonl]``.

Hypothesis breaks well-formed inputs in turn for each target; with ``--guided``, or where atheris is installed and
nothing else is said, every other turn is guided by coverage. What breaks a law is written to
``tests/fuzzing/corpus/<target>/``, where a test replays it from then on. The exit status is 1 if there was any.
"""

from __future__ import annotations

import argparse
import hashlib
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from importlib import import_module
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, NoReturn

import hypothesis
import numpy as np
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.fuzzing.breaking import broken, broken_input  # noqa: E402 - found only then
from tests.fuzzing.targets import TARGETS  # noqa: E402

if TYPE_CHECKING:
    from types import FrameType

CORPUS = ROOT / "tests" / "fuzzing" / "corpus"
EXAMPLES = 400  # of a turn
TURN = 60  # seconds of a guided one
LIMIT = 20  # seconds for one input
LONGEST = 4096  # bytes of an input of a guided turn
#: What guides: the readers, and what they call.
GUIDED = (
    *(
        f"dedup.io.{path.stem}"
        for path in sorted((ROOT / "dedup" / "io").glob("*.py"))
        if path.stem != "__init__"
    ),
    *(f"dedup.text.{name}" for name in ("tokens", "normalising", "paragraphs")),
    *(f"dedup.{name}" for name in ("article", "dates", "fields", "url", "match.context")),
)


class Hunt:
    """What was tried, and what was found, each fault once."""

    def __init__(self, corpus: Path, scratch: Path) -> None:
        self.corpus = corpus
        self.scratch = scratch
        self.tried = dict.fromkeys(TARGETS, 0)
        self.faults: dict[tuple[str, ...], Path] = {}

    def by_hypothesis(self, target: str, seed: int) -> None:
        """One turn of broken inputs, those of the corpus among them."""
        known = [path.read_bytes() for path in sorted((self.corpus / target).glob("*"))]
        last = b""

        def make(random: Random) -> bytes:
            if known and random.random() < 0.3:
                return broken(random.choice(known), random, random.randrange(1, 5))
            return broken_input(target, random)

        @hypothesis.seed(seed)
        @settings(
            max_examples=EXAMPLES,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
            report_multiple_bugs=False,
        )
        @hypothesis.given(st.randoms(use_true_random=False).map(make))
        def try_it(data: bytes) -> None:
            nonlocal last
            self.tried[target] += 1
            (self.scratch / "last").write_bytes(data)  # a crash of the interpreter leaves it
            try:
                one_input(target, data)
            except Exception:
                last = data
                raise

        try:
            try_it()
        except Exception as error:  # noqa: BLE001 - all of them are faults
            self.note(target, last, error)

    def note(self, target: str, data: bytes, error: BaseException) -> None:
        """Keep an input that broke a law, if it is the first to break it there."""
        frames = traceback.extract_tb(error.__traceback__)
        there = [frame for frame in frames if str(ROOT) in frame.filename] or list(frames)
        key = (target, type(error).__name__, *(f"{frame.filename}:{frame.lineno}" for frame in there[-2:]))
        if key in self.faults:
            return
        self.faults[key] = self.keep(target, data)
        print(f"{target}: {type(error).__name__}: {str(error)[:200]}\n  {self.faults[key]}", flush=True)
        print(
            "  " + " < ".join(f"{Path(one.filename).name}:{one.lineno}" for one in reversed(there[-4:])),
            flush=True,
        )

    def keep(self, target: str, data: bytes) -> Path:
        """Write an input to the corpus."""
        path = self.corpus / target / f"found-{hashlib.sha256(data).hexdigest()[:12]}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def by_coverage(self, target: str, seed: int, seconds: int) -> None:
        """One turn of atheris in a process of its own, which it ends itself; what it learns is kept for its next turn."""
        learnt, crashes = (self.scratch / name / target for name in ("learnt", "crashes"))
        for folder in (learnt, crashes, self.corpus / target):
            folder.mkdir(parents=True, exist_ok=True)
        for way in range(64):
            (learnt / f"made-{way}").write_bytes(broken_input(target, Random(f"{seed} {way}"))[:LONGEST])  # noqa: S311
        command = [
            sys.executable,
            __file__,
            "--within",
            target,
            str(learnt),
            str(self.corpus / target),
            f"-seed={seed + 1}",
        ]
        command += [
            f"-max_total_time={seconds}",
            f"-max_len={LONGEST}",
            f"-timeout={LIMIT}",
            "-rss_limit_mb=3000",
        ]
        command += [f"-artifact_prefix={crashes}/", "-print_final_stats=1"]
        done = subprocess.run(  # noqa: S603 - ourselves
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        units = [line.split()[-1] for line in done.stdout.splitlines() if "number_of_executed_units" in line]
        self.tried[target] += int(units[-1]) if units else 0
        for path in crashes.glob("*"):
            data = path.read_bytes()
            path.unlink()
            try:
                one_input(target, data)
            except Exception as error:  # noqa: BLE001 - all of them are faults
                self.note(target, data, error)
            else:
                print(
                    f"{target}: only when guided: {self.keep(target, data)}\n{done.stdout[-2000:]}",
                    flush=True,
                )


def one_input(target: str, data: bytes) -> None:
    """Try one input; whatever this raises is a fault."""
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(LIMIT)
    try:
        TARGETS[target](data)
    finally:
        signal.alarm(0)


def _too_long(_number: int, _frame: FrameType | None) -> NoReturn:
    raise TimeoutError(f"more than {LIMIT} seconds for one input")


def guide(target: str, arguments: list[str]) -> None:
    """Be the process that atheris runs in."""
    import atheris  # noqa: PLC0415 - where it is installed

    for name in GUIDED:
        module = import_module(name)
        for value in list(vars(module).values()):
            if getattr(value, "__module__", None) == name and hasattr(value, "__code__"):
                atheris.instrument_func(value)
            elif isinstance(value, type) and value.__module__ == name:
                for method in vars(value).values():
                    if hasattr(method, "__code__"):
                        atheris.instrument_func(method)
    atheris.Setup([__file__, *arguments], TARGETS[target])
    atheris.Fuzz()


def main() -> int:
    """Take turns until the time is up."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--target", action="append", choices=sorted(TARGETS), help="one of them; all without")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--guided", action=argparse.BooleanOptionalAction, default=find_spec("atheris") is not None
    )
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    asked = parser.parse_args()
    warnings.simplefilter("error")
    np.seterr(over="ignore")
    targets = asked.target or list(TARGETS)
    end = time.monotonic() + 60 * asked.minutes
    with tempfile.TemporaryDirectory() as folder:
        hunt = Hunt(asked.corpus, Path(folder))
        for turn in count():
            left = end - time.monotonic()
            if left <= 0:
                break
            target = targets[turn % len(targets)]
            if asked.guided and turn // len(targets) % 2:
                hunt.by_coverage(target, asked.seed + turn, max(1, round(min(TURN, left))))
            else:
                hunt.by_hypothesis(target, asked.seed + turn)
    for target in targets:
        print(f"{target:10}{hunt.tried[target]:>12,} inputs")
    print(f"{'in all':10}{sum(hunt.tried.values()):>12,} inputs, {len(hunt.faults)} faults")
    return int(bool(hunt.faults))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--within"]:
        guide(sys.argv[2], sys.argv[3:])
    sys.exit(main())

"""The floor: what the machine needs to read the articles and to sign the text in C, on one core.

The C program is no part of this repository; it is compiled from the shared folder, when a compiler is there too.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from benchmarks.measuring import ROOT

if TYPE_CHECKING:
    from benchmarks.corpora import Corpus

STEPS = {"sign_s": "+ full 128 perms (mul-add)", "band_s": "16x8 band table+union-find"}


@dataclass(frozen=True, slots=True)
class Floor:
    """CPU seconds of the steps that nobody can do without."""

    read_s: float
    parse_s: float
    sign_s: float
    band_s: float

    @property
    def cpu_s(self) -> float:
        """All steps together."""
        return self.read_s + self.parse_s + self.sign_s + self.band_s


def build(shared: Path, work: Path) -> Path | str:
    """Compile the C program; a string is the reason why there is none."""
    source = shared / "bench" / "floor.c"
    if not source.exists():
        return "no floor: bench/floor.c is not in the shared folder"
    if (compiler := shutil.which("gcc")) is None:
        return "no floor: gcc is not installed"
    program = work / "floor"
    subprocess.run([compiler, "-O3", "-march=native", "-o", str(program), str(source)], check=True)
    return program


def write_text(corpus: Corpus, work: Path) -> Path:
    """Write the texts of a corpus, each ended by a NUL byte: what the C program reads."""
    target = work / f"{corpus.name}.txt"
    with corpus.articles.open("rb") as articles, target.open("wb") as stream:
        for line in articles:
            stream.write(orjson.loads(line)["text"].replace("\0", " ").encode() + b"\0")
    return target


def measure(program: Path, text: Path, corpus: Corpus) -> Floor:
    """Measure the floor once."""
    reading = [sys.executable, "-m", "benchmarks.floor", str(corpus.articles)]
    answer = subprocess.run(reading, cwd=ROOT, capture_output=True, check=True, text=True)
    read_s, parse_s = map(float, answer.stdout.split())
    answer = subprocess.run([str(program), str(text)], capture_output=True, check=True, text=True)
    steps = {
        name: [line for line in answer.stdout.splitlines() if line.startswith(label)]
        for name, label in STEPS.items()
    }
    # The C program repeats itself; its last repetition is the warmest.
    sign_s, band_s = (float(lines[-1].removeprefix(STEPS[name]).split()[0]) for name, lines in steps.items())
    return Floor(read_s, parse_s, sign_s, band_s)


def reading_seconds(path: Path) -> tuple[float, float]:
    """CPU seconds to read a file, and to parse each of its lines; read once before, so that the disk is not timed."""
    path.read_bytes()
    started = time.process_time()
    data = path.read_bytes()
    read_s = time.process_time() - started
    lines = data.splitlines()
    started = time.process_time()
    for line in lines:
        orjson.loads(line)
    return read_s, time.process_time() - started


if __name__ == "__main__":
    print(*reading_seconds(Path(sys.argv[1])))

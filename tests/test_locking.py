from __future__ import annotations

import subprocess
import sys
import threading
import time
from itertools import pairwise
from typing import TYPE_CHECKING

from dedup.index.locking import FileLock, TurnLock

if TYPE_CHECKING:
    from pathlib import Path

HOLD = """
import sys
from pathlib import Path
from dedup.index.locking import FileLock
lock = FileLock(Path(sys.argv[1]))
lock.try_acquire()
print("held", flush=True)
sys.stdin.read()
"""


def test_one_holds_it_at_a_time(tmp_path: Path) -> None:
    one, other = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert one.try_acquire()
    assert not other.try_acquire()
    begin = time.monotonic()
    assert not other.acquire(0.1)
    assert 0.1 <= time.monotonic() - begin < 5
    one.release()
    assert other.acquire(5)
    other.close()
    other.close()
    assert one.try_acquire()
    one.close()


def test_it_ends_with_its_process(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock")
    command = [sys.executable, "-c", HOLD, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        assert not lock.try_acquire()
        process.kill()
        assert lock.acquire(10)
    lock.close()


def test_who_waits_is_next(tmp_path: Path) -> None:
    """Nobody takes the turn twice in a row while another waits at the door."""
    locks = [TurnLock(tmp_path / "turn", tmp_path / "door") for _ in range(2)]
    turns: list[int] = []
    together = threading.Barrier(2)

    def take(which: int) -> None:
        together.wait()
        for _ in range(200):
            assert locks[which].acquire(30)
            turns.append(which)
            time.sleep(0.0002)
            locks[which].release()

    threads = [threading.Thread(target=take, args=(which,)) for which in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for lock in locks:
        lock.close()
    changes = sum(a != b for a, b in pairwise(turns))
    assert len(turns) == 400
    assert changes > 20  # the threads run in turns of their own, of five milliseconds


def test_the_wait_for_a_turn_ends(tmp_path: Path) -> None:
    one, other = (TurnLock(tmp_path / "turn", tmp_path / "door") for _ in range(2))
    assert one.acquire(0)
    assert not other.acquire(0.05)
    one.release()
    assert other.acquire(0)
    other.release()
    one.close()
    other.close()

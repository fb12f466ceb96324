"""Interrupting runs of a work directory, when its manifest was put down so often."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedup.workdir import WorkDirectory

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest


class Interrupted(BaseException):
    """As sudden as a signal."""


def stop_after(monkeypatch: pytest.MonkeyPatch, calls: int) -> Callable[[], int]:
    """Let a run be interrupted when the manifest was put down so often; how often it was."""
    put_down = WorkDirectory._put_down
    made = 0

    def count(self: WorkDirectory) -> None:
        nonlocal made
        if made == calls:
            raise Interrupted
        put_down(self)
        made += 1

    monkeypatch.setattr(WorkDirectory, "_put_down", count)
    return lambda: made

"""The self-test passes here, and finds what is wrong elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedup import selftest
from dedup.selftest import ARTICLES, try_out
from dedup.text.shingling import shingle_text

if TYPE_CHECKING:
    import pytest


def test_all_is_well_here() -> None:
    trial = try_out()
    assert trial.faults == ()
    assert trial.passed
    assert trial.seconds > 0


def test_a_wrong_cluster_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selftest, "ARTICLES", (*ARTICLES[:-1], (ARTICLES[-2][0], 7)))
    (fault,) = try_out().faults
    assert fault.startswith("clusters: ")


def test_wrong_kernels_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    twin = shingle_text
    monkeypatch.setattr(selftest, "key_band", lambda *_: 1)
    monkeypatch.setattr(selftest, "shingle_text", lambda text: twin(text, 4)._replace(text_hash=1))
    monkeypatch.setattr(selftest, "_scores", id)
    kinds = [fault.partition(":")[0] for fault in try_out().faults]
    assert kinds == ["scores"] * 4 + ["shingles", "hashes of texts", "band keys"]


def test_what_fails_altogether_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("no such instruction")

    monkeypatch.setattr(selftest, "deduplicate", fail)
    assert try_out().faults == ("clusters: RuntimeError: no such instruction",)

"""All kernels are known, and one place takes them all."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import dedup
from dedup.kernels import caching, compiling, warming
from dedup.kernels.caching import Place, entries, read_object, write_object
from dedup.kernels.warming import all_kernels, count_compiled, warm

if TYPE_CHECKING:
    import pytest


def test_every_kernel_of_the_package_is_listed_and_none_of_others() -> None:
    marked = {
        (".".join(("dedup", *path.relative_to(root).with_suffix("").parts)), node.name)
        for root in (Path(dedup.__file__).parent,)
        for path in root.glob("**/*.py")
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.FunctionDef)
        for mark in node.decorator_list
        if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Name) and mark.func.id == "kernel"
    }
    assert len(marked) > 30
    assert [(one.plain.__module__, one.plain.__name__) for one in all_kernels()] == sorted(marked)


def give_code(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Compile nothing; returns the names of what would have been."""
    compiled: list[str] = []

    def compile_(function: object, kinds: object) -> bytes:
        compiled.append(function.__name__)  # type: ignore[attr-defined]
        return b"symbol\ncode"

    monkeypatch.setattr(compiling, "_compile", compile_)
    return compiled


def test_warming_puts_every_kernel_into_the_first_place_that_keeps_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    compiled = give_code(monkeypatch)
    (tmp_path / "file").write_text("")
    read_only, home = Place(tmp_path / "file" / "x", "package"), Place(tmp_path / "home", "user")
    for module in (caching, compiling, warming):
        monkeypatch.setattr(module, "places", lambda: iter([read_only, home]))
    first, second, *_ = all_kernels()
    assert write_object(first.object_name, b"symbol\ncode", home)
    assert count_compiled(home) == 1
    assert warm() == home
    assert len(compiled) == len(all_kernels()) - 1 == len(set(compiled))
    assert count_compiled(home) == len(all_kernels()) == len(entries(home))
    assert warm() == home  # again, and nothing is left to do
    assert len(compiled) == len(all_kernels()) - 1
    package = Place(
        tmp_path / "package", "package"
    )  # an image: what root has at home goes where all can read it
    for module in (caching, compiling, warming):
        monkeypatch.setattr(module, "places", lambda: iter([package, home]))
    assert warm() == package
    assert len(compiled) == len(all_kernels()) - 1
    assert read_object(second.object_name, package) == b"symbol\ncode"


def test_warming_is_not_done_where_nothing_lasts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    compiled = give_code(monkeypatch)
    monkeypatch.setattr(warming, "places", lambda: iter([Place(tmp_path / "tmp", "temporary")]))
    assert warm() is None
    assert compiled == []

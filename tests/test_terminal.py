"""Nothing that steers a terminal is printed raw, by any command, from any field or name."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from dedup.cli.main import COMMANDS
from dedup.cli.terminal import printable, printable_json
from tests.shell import spawn, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.shell import Answer, Shell

#: A colour, a title of the window, a bell, both kinds of C1, a deletion, a tab, and what turns the direction of writing.
EVIL = "\x1b[31mred\x1b]0;title\x07\x9b1m\x85\x7f\u202e\u2066\u200f\u2028\t\r\ufeff\ud800"
TEXT = "The council voted on Monday to close the old swimming pool, which has lost money for years, said the mayor."
MORE = (
    "Swimmers said they would go to court, and that the pool is the only one between the river and the hills."
)


def records() -> list[dict[str, Any]]:
    """Copies, near copies, a repeated headline and one story, with something evil in every field."""
    own = {
        "url": f"https://a.example/{EVIL}",
        "source": f"S{EVIL}",
        "date": f"{EVIL}",
        "language": EVIL,
        EVIL: EVIL,
    }
    texts = [
        f"{TEXT} {EVIL} {MORE}",
        f"{TEXT}\n{EVIL} {MORE}",
        f"{TEXT} {MORE} {EVIL} Others agreed.",
        f"{MORE} {EVIL} x",
    ]
    return [
        {"id": f"{EVIL}{number}", "title": f"Council {EVIL} closes the pool", "text": text, **own}
        for number, text in enumerate(texts)
    ]  # fmt: skip


@pytest.fixture
def evil(tmp_path: Path) -> Path:
    return write(tmp_path / f"e{EVIL[:-1].replace('/', '')}.jsonl", *records())


def raw(answer: Answer) -> set[str]:
    """Characters of what a command said that are no text, but for line ends."""
    return {char for char in answer.out + answer.err if not char.isprintable() and char != "\n"}


def test_all_articles(shell: Shell, evil: Path, tmp_path: Path) -> None:
    kept, index, told = tmp_path / "kept.jsonl", tmp_path / "index", tmp_path / "told"
    one, other = (
        write(tmp_path / f"{name}.json", record) for name, record in zip("ab", records()[:2], strict=False)
    )
    page = tmp_path / "page.txt"
    page.write_text(
        f"Council \x9b1m closes the pool\n{TEXT}\x1b[31m\u202e\n\n{MORE}\n\n{TEXT}\x1b[31m\u202e\n\nCouncil \x9b1m closes the pool\n"
    )
    settings = tmp_path / "settings.toml"
    settings.write_text('[run]\nprefer-source = "\\u001b[31m\\u202e"\n')
    pairs = write(
        tmp_path / "pairs.jsonl",
        {"id": EVIL, "a": TEXT + EVIL, "b": TEXT + MORE, "a_title": EVIL, "a_date": EVIL},
    )
    labels = write(
        tmp_path / "labels.jsonl", {"id": EVIL, "label": 1, "grade": 1, "resemblance": 0.5, "by": EVIL}
    )
    broken = tmp_path / f"b{EVIL[:-1]}.jsonl"
    broken.write_text(
        json.dumps({EVIL: 1}) + "\n" + f'{{"text": "{EVIL[:-1]}\n' + json.dumps({"text": [EVIL]}) + "\n"
    )
    table = tmp_path / f"t{EVIL[:-1]}.csv"
    table.write_bytes(f'"{EVIL[:-1]}","b{EVIL[:-1]}"\n1,2\n'.encode())
    commands: list[list[object]] = [
        ["run", evil, "-o", kept, "--stories", told, "--prefer-source", f"S{EVIL[:-1]}x"],
        ["run", evil, "-o", kept, "--json", "--by", "title"],
        ["run", evil, "--sample", "4"],
        ["run", evil, "--sample", "4", "--json"],
        ["run", broken, "-o", kept],
        ["run", broken, "-o", kept, "--on-error", "skip"],
        ["run", table, "-o", kept],
        ["run", evil, "-o", kept, "--field", f"text={EVIL[:-1]}x"],
        ["run", tmp_path / f"x{EVIL[:-1]}", "-o", kept],
        ["run", evil, "-o", kept, "--context", broken],
        ["compare", one, other],
        ["compare", one, other, "--json"],
        ["compare", "--pairs", pairs],
        ["compare", "--pairs", broken],
        ["inspect", page],
        ["inspect", page, "--json"],
        ["inspect", one],
        ["headlines", evil],
        ["headlines", evil, "--json", "--clusters"],
        ["stories", evil, "-o", told],
        ["stories", evil, "-o", told, "--json"],
        ["tune"],
        ["tune", evil],
        ["tune", evil, "--json"],
        ["evaluate", evil, evil],
        ["evaluate", labels, "--by", "by"],
        ["evaluate", labels, "--by", "by", "--json"],
        ["index", "add", index, evil],
        ["index", "info", index],
        ["index", "info", index, "--json"],
        ["index", "check", index, one],
        ["index", "check", index, other, "--passages"],
        ["index", "check", index, one, "--json"],
        ["index", "check", index, evil],
        ["index", "check", index, "--text", TEXT + EVIL[:-1]],
        ["index", "verify", index],
        ["index", "remove", index, f"{EVIL[:-1]}x"],
        ["index", "expire", index, "--before", EVIL[:-1]],
        ["index", "info", tmp_path / f"x{EVIL[:-1]}"],
        ["config"],
        ["--config", settings, "config"],
        ["--config", settings, "config", "--json"],
        ["--config", settings, "run", evil, "-o", kept],
        ["config", EVIL[:-1]],
        ["doctor"],
        [EVIL[:-1]],
        ["run", f"--{EVIL[:-1]}"],
    ]  # fmt: skip
    assert {str(name) for command in commands for name in command} >= set(COMMANDS)
    for command in commands:
        answer = shell(*command)
        assert not raw(answer), command
        assert "unexpected" not in answer.err, command
        assert answer.out or answer.err, command


def test_what_is_data_is_left_as_it_is(shell: Shell, evil: Path) -> None:
    """KEPT is copied byte for byte, to standard output too."""
    answer = shell("run", evil, "-o", "-", "--quiet")
    assert answer.out.encode() in evil.read_bytes()
    assert answer.out


@pytest.mark.parametrize(
    "char", [chr(point) for point in [*range(32), *range(0x7F, 0xA0), 0x202E, 0x2066, 0xD800]]
)
def test_characters_that_steer(char: str) -> None:
    assert printable(f"a{char}b").isprintable()
    assert json.loads(printable_json(char)) == char
    assert printable_json(char).isprintable()


NAMES = {
    "line feed": b"two\nlines.jsonl",
    "no UTF-8": b"\xff\xfe\x80.jsonl",
    "escape": b"\x1b[2J.jsonl",
    "long": b"x" * 240 + b".jsonl",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_names_of_files(tmp_path: Path, name: bytes) -> None:
    """Read, told, mirrored and listed under the name that they have."""
    given = tmp_path / "in" / os.fsdecode(name)
    given.parent.mkdir()
    whole = json.dumps({"id": 1, "text": "rain in the north"}).encode() + b"\n"
    given.write_bytes(whole + b"{broken\n")
    clusters, damaged, out = (tmp_path / name for name in ("clusters", "damaged", "out"))
    done = spawn(
        "run", given.parent, "-o", f"{out}/", "--clusters", clusters, "--damaged", damaged, "--on-error", "skip", "--json"
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert b"\x1b" not in done.stderr
    assert (out / given.name).read_bytes() == whole
    for listed in (clusters, damaged):
        (line,) = listed.read_bytes().splitlines()
        assert json.loads(line)["input"] == str(given)

"""Settings in files and in the environment: which wins, what is refused, and what may stand where."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from dedup.cli.configuration import SettingsFile, as_default_map
from dedup.cli.configuration import settings_of as read_settings
from dedup.cli.main import cli
from dedup.cli.options import Assignment, Size
from dedup.cli.settings import commands_below, is_shared, key_of, kind_of, variables_of
from dedup.errors import ParameterError
from tests.shell import ROOT, write

if TYPE_CHECKING:
    from tests.shell import Shell

ALL = list(commands_below(cli, click.Context(cli)))
DUMP = ROOT / "fixtures/news/monday.jsonl"


@pytest.fixture
def folder(shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The working directory, whose settings are read."""
    monkeypatch.delenv("DEDUP_CONFIG")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def settings_of(shell: Shell, *command: str) -> dict[str, Any]:
    answer = shell("config", *command, "--json")
    assert answer.status == 0, answer.err
    told: dict[str, Any] = json.loads(answer.out)["commands"][" ".join(command)]
    return told


def threshold_of(shell: Shell, *command: str) -> tuple[Any, str]:
    told = settings_of(shell, *command)["threshold"]
    return told["value"], told["source"]


def test_each_source_wins_over_those_before_it(
    shell: Shell, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert threshold_of(shell, "run") == (None, "default")
    (folder / "pyproject.toml").write_text("[tool.dedup]\nthreshold = 0.1\n")
    assert threshold_of(shell, "run") == (0.1, "pyproject.toml: threshold")
    (folder / "dedup.toml").write_text("threshold = 0.2\n")
    assert threshold_of(shell, "run") == (0.2, "dedup.toml: threshold")
    (folder / "dedup.toml").write_text("threshold = 0.2\n[run]\nthreshold = 0.3\n")
    assert threshold_of(shell, "run") == (0.3, "dedup.toml: run.threshold")
    assert threshold_of(shell, "index", "add") == (0.2, "dedup.toml: threshold")
    monkeypatch.setenv("DEDUP_THRESHOLD", "0.4")
    assert threshold_of(shell, "run") == ("0.4", "DEDUP_THRESHOLD")
    monkeypatch.setenv("DEDUP_RUN_THRESHOLD", "0.5")
    assert threshold_of(shell, "run") == ("0.5", "DEDUP_RUN_THRESHOLD")
    monkeypatch.setenv("DEDUP_RUN_THRESHOLD", "")  # an empty one counts as none
    assert threshold_of(shell, "run") == ("0.4", "DEDUP_THRESHOLD")


def test_a_run_does_what_is_set_and_the_command_line_wins(
    shell: Shell, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[dict[str, Any]] = []
    monkeypatch.setattr(
        "dedup.deduplicator.deduplicate_files",
        lambda inputs, kept, **options: given.append({"inputs": inputs, "kept": kept, **options}),
    )
    (folder / "dedup.toml").write_text(
        'threshold = 0.5\nquiet = true\n[run]\nkeep = "earliest"\nmax_perm = 64\nmax-record = "1M"\nthreads = 1\n'
        '[run.field]\ntext = "lead"\n'
    )
    assert shell("run", "a.jsonl", "-o", "k").status == 0
    assert shell("run", "a.jsonl", "-o", "k", "--threshold", "0.6", "--field", "title=head").status == 0
    monkeypatch.setenv("DEDUP_FIELD", "text=body title=name")
    monkeypatch.setenv("DEDUP_RUN_INPUTS", "b.jsonl c.jsonl")
    monkeypatch.setenv("DEDUP_RUN_OUTPUT", "out")
    assert shell("run").status == 0
    first, second, third = given
    assert (
        first | {"threshold": 0.5, "keep": "earliest", "max_perm": 64, "max_record": 1 << 20, "threads": 1}
        == first
    )
    assert first["fields"] == {"text": "lead"}
    assert second == first | {"threshold": 0.6, "fields": {"title": "head"}}
    assert third == first | {
        "inputs": ("b.jsonl", "c.jsonl"),
        "kept": "out",
        "fields": {"text": "body", "title": "name"},
    }


def test_a_table_of_a_group_is_for_all_of_its_commands(shell: Shell, folder: Path) -> None:
    (folder / "dedup.toml").write_text("[index]\nthreshold = 0.5\n[index.add]\nrecall = 0.9\n")
    assert threshold_of(shell, "index", "add") == (0.5, "dedup.toml: index.threshold")
    assert settings_of(shell, "index", "add")["recall"]["value"] == 0.9
    assert threshold_of(shell, "run") == (None, "default")


def test_what_is_set_for_all_is_not_set_for_what_means_something_else(
    shell: Shell, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "dedup.toml").write_text('by = "title"\nthreshold = 0.5\n[evaluate]\nscore = "rewrite"\n')
    monkeypatch.setenv("DEDUP_FIELD", "text=body")
    told = settings_of(shell, "evaluate")
    assert {name: told[name]["source"] for name in ("by", "threshold", "field", "score")} == {
        "by": "default",
        "threshold": "default",
        "field": "default",
        "score": "dedup.toml: evaluate.score",
    }
    monkeypatch.setenv("DEDUP_EVALUATE_FIELD", "story")
    assert settings_of(shell, "evaluate")["field"] == {"value": "story", "source": "DEDUP_EVALUATE_FIELD"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("treshold = 0.5", "treshold is no option; did you mean threshold?"),
        ("[run]\nkep = 1", "run.kep is no option; did you mean keep?"),
        ("[rum]\nkeep = 1", "rum is neither a command nor an option; did you mean run?"),
        ("[index.ad]\nseed = 1", "index.ad is neither a command nor an option; did you mean add?"),
        ("[inspect]\nqqqqqq = 1", "inspect.qqqqqq is no option; there are json, page"),
        ("threshold = true", "threshold: True is not a number"),
        ('threshold = "0.5"', "threshold: '0.5' is not a number"),
        ("[run]\nthreads = 2.5", "run.threads: 2.5 is not a whole number"),
        ("[run]\nquiet = 1", "run.quiet: 1 is not true or false"),
        ('[run]\nkeep = "longst"', "run.keep: 'longst' is not one of"),
        ("[run]\nkeep = 1", "run.keep: 1 is not a text"),
        ('[run]\nmax-record = "much"', "run.max-record: 'much' is no size"),
        ("[run]\nmax-record = 1.5", "run.max-record: 1.5 is not a size"),
        ('[run]\nfield = "text=body"', "run.field: 'text=body' is no list; write field = ['text=body']"),
        ("[run]\nsample = 9", "run.sample is no option"),
        ('[run]\nfield = ["text"]', "run.field: 'text' is no assignment"),
        ("[run.field]\ntext = 1", "run.field: 1 is not a text"),
        ("[run]\nleast-words = 0", "run.least-words: 0 is not in the range"),
        ("window = 1979-05-27", "window: datetime.date(1979, 5, 27) is not a text"),
        ("[run.keep]\nx = 1", "run.keep: {'x': 1} is not a text"),
        ("[[run]]\nkeep = 1", "run is no option"),
        ('index = "x"', "index is not for all commands; it belongs into the table of one: [index.add], "),
        ('[index.expire]\nbefore = "1d"', "index.expire.before is no option"),
        ("x = [", "is no TOML"),
        ("\x00", "is no TOML"),
        ("x = " + "[" * 100_000, "is no TOML"),
        ("#" * (1 << 20) + "\n", "is longer than"),
    ],
)
def test_a_mistake_is_told_with_its_file_and_key(shell: Shell, folder: Path, text: str, message: str) -> None:
    (folder / "dedup.toml").write_text(text)
    answer = shell("compare", "--text", "a", "--text", "b")  # whatever command runs
    assert answer.status == 2
    assert answer.err.startswith("dedup: dedup.toml: ")
    assert message in answer.err
    assert "--no-config" in answer.err
    assert shell("--no-config", "compare", "--text", "a", "--text", "b").status == 0


@pytest.mark.parametrize(
    "text",
    [
        '[run]\noutput = "k"',
        '[run]\nclusters = "c"',
        '[run]\nindex = "redis://h/0?prefix=n"',
        "[run]\ninputs = []",
    ],
)
def test_a_file_that_was_found_names_no_place(shell: Shell, folder: Path, text: str) -> None:
    (folder / "dedup.toml").write_text(text)
    answer = shell("run", DUMP, "-o", "kept.jsonl")
    assert answer.status == 2
    assert (
        "a file that was found may not say what is read or written; name the file: --config dedup.toml"
        in answer.err
    )
    assert [path.name for path in folder.iterdir()] == ["dedup.toml"]


def test_places_in_a_file_that_was_named_are_beside_it(
    shell: Shell, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = folder / "jobs" / "nightly.toml"
    job.parent.mkdir()
    write(job.parent / "in.jsonl", {"id": "a", "text": "one two three"})
    job.write_text(
        '[run]\ninputs = ["in.jsonl"]\noutput = "out.jsonl"\nindex = "redis://h/0?prefix=n"\nquiet = true\n'
    )
    (folder / "dedup.toml").write_text("not read")
    told = json.loads(shell("--config", "jobs/nightly.toml", "config", "run", "--json").out)["commands"][
        "run"
    ]
    assert told["inputs"]["value"] == ["jobs/in.jsonl"]
    assert told["index"]["value"] == "redis://h/0?prefix=n"
    job.write_text(job.read_text().replace('index = "redis://h/0?prefix=n"\n', ""))
    assert shell("--config", job, "run").status == 0
    (job.parent / "out.jsonl").unlink()
    monkeypatch.setenv("DEDUP_CONFIG", "jobs/nightly.toml")
    assert shell("run").status == 0
    assert (job.parent / "out.jsonl").exists()
    assert shell("--no-config", "run").status == 2  # and then nothing says what is read


def test_no_file_is_read_where_that_is_said(
    shell: Shell, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "dedup.toml").write_text("threshold = 0.5")
    assert json.loads(shell("--no-config", "config", "run", "--json").out)["commands"]["run"]["threshold"][
        "source"
    ] == ("default")
    monkeypatch.setenv("DEDUP_CONFIG", "off")
    assert threshold_of(shell, "run") == (None, "default")
    told = json.loads(shell("--config", "dedup.toml", "config", "run", "--json").out)["commands"]["run"]
    assert told["threshold"]["source"] == "dedup.toml: threshold"


def test_a_named_file_must_be_there(shell: Shell, folder: Path) -> None:
    answer = shell("--config", "absent.toml", "config")
    assert (answer.status, answer.err) == (2, "dedup: absent.toml: there is no such file\n")


def test_a_run_says_what_is_set_elsewhere(
    shell: Shell, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "dedup.toml").write_text("[run]\nthreshold = 0.5\nkeep = 'latest'")
    monkeypatch.setenv("DEDUP_WALK", "7")
    run = ("run", DUMP, "-o", folder / "kept.jsonl")
    told = "set: threshold by dedup.toml: run.threshold, walk by DEDUP_WALK\n"
    assert told in shell(*run, "--keep", "first").err
    assert "set:" not in shell(*run, "-q").err
    assert "set:" not in shell(*run, "--threshold", "0.4", "--keep", "first", "--walk", "9").err


def test_what_others_keep_in_pyproject_is_left_alone(shell: Shell, folder: Path) -> None:
    for text in ("[tool.other]\nx = 1", "no TOML at all", 'name = "news-dedup"', "tool = 1  # dedup"):
        (folder / "pyproject.toml").write_text(text)
        assert shell("config", "run").status == 0
    (folder / "pyproject.toml").write_text("[tool]\ndedup = 1")
    assert shell("config", "run").err == "dedup: pyproject.toml: tool.dedup is no table\n"
    (folder / "pyproject.toml").write_text("[tool.dedup]\nkep = 1")
    assert "pyproject.toml: kep is no option; did you mean keep?" in shell("config", "run").err


def test_no_directory_above_is_looked_into(
    shell: Shell, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "dedup.toml").write_text("threshold = 0.5")
    (folder / "below").mkdir()
    monkeypatch.chdir(folder / "below")
    assert threshold_of(shell, "run") == (None, "default")


@pytest.mark.parametrize("name", ["DEDUP_THRESHOLD", "DEDUP_RUN_THRESHOLD"])
def test_a_wrong_variable_is_named(
    shell: Shell, folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "much")
    answer = shell("run", DUMP, "-o", "kept.jsonl")
    assert answer.status == 2
    assert answer.err.endswith(
        f"Error: Invalid value for '--threshold': 'much' is not a valid float.\n({name} says so)\n"
    )
    assert "says so" not in shell("run", DUMP, "-o", "kept.jsonl", "--threshold", "much").err


def test_the_index_of_a_scraper_does_not_turn_a_run_into_another(
    shell: Shell, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("INDEX", "ACTION", "FIELDS", "MARK_FIELD", "REPEATED", "ENABLED", "CACHE_DIR", "TRACEBACK"):
        monkeypatch.setenv(f"DEDUP_{name}", str(folder / "x"))
    told = settings_of(shell, "run")
    assert {one["source"] for one in told.values()} == {"default"}
    assert "note: DEDUP_INDEX is no option, and sets none\n" in shell("config", "run").out
    assert "DEDUP_CACHE_DIR" not in shell("config", "run").out
    monkeypatch.setenv("DEDUP_RUN_INDEX", "month.dedup")
    assert settings_of(shell, "run")["index"] == {"value": "month.dedup", "source": "DEDUP_RUN_INDEX"}


def test_what_an_index_cannot_do_is_left_aside_if_it_is_only_set(
    shell: Shell, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "dedup.toml").write_text('granularity = "topic"\nwindow = "30d"\n')
    monkeypatch.setenv("DEDUP_KEEP", "earliest")
    command = ["run", DUMP, "-o", "kept.jsonl", "--index", "month.dedup", "--threads", "1"]
    answer = shell(*command)
    assert answer.status == 0
    assert answer.err.splitlines()[1:3] == [
        "note: --granularity can't be used with --index; dedup.toml: granularity is left aside",
        "note: --keep can only be longest with --index; DEDUP_KEEP is left aside",
    ]
    assert '"window": 2592000' in shell("index", "info", "month.dedup", "--json").out
    assert shell(*command, "-q").err == ""
    assert "--keep can only be longest with --index" in shell(*command, "--keep", "earliest").err
    assert (
        shell("run", DUMP, "-o", "kept.jsonl", "-q").status == 0
    )  # a window is set, and a run has no use for it


def test_an_unknown_command_has_no_settings(shell: Shell, folder: Path) -> None:
    answer = shell("config", "index", "ad")
    assert answer.status == 2
    assert "'index ad' is no command; there are run, index add, " in answer.err


def test_settings_for_readers_cannot_steer_a_terminal(shell: Shell, folder: Path) -> None:
    (folder / "dedup.toml").write_text('[run]\nprefer-source = "a\\u001b[31m"\n')
    assert r"a\x1b[31m" in shell("config", "run").out
    (folder / "dedup.toml").write_text('"a\\u001b[31m" = 1\n')
    assert "\x1b" not in shell("config", "run").err


def test_no_variable_means_two_things() -> None:
    meanings = defaultdict(set)
    for path, command in ALL:
        for param in command.params:
            for name in variables_of(param, path):
                meanings[name].add("all" if name == variables_of(param, ("",))[-1] else (path, param.name))
    assert {name for name, found in meanings.items() if len(found) > 1} == set()
    reserved = {
        "CACHE_DIR",
        "CONFIG",
        "TRACEBACK",
        "INDEX",
        "ACTION",
        "REPEATED",
        "FIELDS",
        "MARK_FIELD",
        "ENABLED",
    }
    assert meanings.keys() & {f"DEDUP_{name}" for name in reserved} == set()


def test_texts_that_a_found_file_may_set_are_few_and_name_nothing() -> None:
    """A new option that takes a text names a place until ``_WORDS`` says that it does not."""
    texts = {
        key_of(param)
        for _, command in ALL
        for param in command.params
        if kind_of(param) == "setting" and isinstance(param.type, click.types.StringParamType)
    }
    assert texts == {"by", "field", "prefer-source", "relation", "score", "window"}
    for kind in (None, str, click.Path(), click.File("w"), click.UNPROCESSED, open):
        assert kind_of(click.Option(["--new"], type=kind)) == "place"
    for harmless in (
        int,
        float,
        bool,
        click.Choice(["a"]),
        click.IntRange(1),
        click.FloatRange(0),
        Size(),
        Assignment(),
    ):
        assert kind_of(click.Option(["--new"], type=harmless)) == "setting"
    assert not any(
        isinstance(param, click.Argument) and is_shared(param, path)
        for path, command in ALL
        for param in command.params
    )


KEYS = st.sampled_from(
    ["run", "index", "add", "threshold", "keep", "field", "output", "inputs", "quiet", "x", ""]
)
VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.lists(st.text() | st.integers(), max_size=2)
)
TABLES = st.dictionaries(
    KEYS, st.recursive(VALUES, lambda inner: st.dictionaries(KEYS, inner, max_size=3)), max_size=4
)


@for_all(TABLES, st.booleans())
def test_whatever_stands_in_a_file_is_taken_or_refused(table: dict[str, Any], is_named: bool) -> None:
    file = SettingsFile(Path("dedup.toml"), table, is_named)
    refused, settings = "dedup.toml: ", []
    try:
        settings = read_settings(file, cli, click.Context(cli))
    except ParameterError as error:
        refused = str(error)
    assert refused.startswith("dedup.toml: ")
    params = {(path, param.name): param for path, command in ALL for param in command.params}
    assert is_named or all(kind_of(params[one.path, one.name]) == "setting" for one in settings)
    assert bool(as_default_map(settings)) == bool(settings)

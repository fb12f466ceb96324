from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.redis_server import RedisServer

# Their asserts explain themselves, too.
pytest.register_assert_rewrite(
    "tests.index_contract", "tests.index_machine", "tests.index_places", "tests.shell"
)

from tests.shell import as_before, shell  # noqa: E402, F401 - fixtures; imported when rewriting is set up

ROOT = Path(__file__).resolve().parents[1]
WITHOUT_JIT = os.environ.get("NUMBA_DISABLE_JIT", "0") not in {"", "0"}

# No test depends on what is set for whoever runs it; compiled kernels may be kept where they say.
for _name in [name for name in os.environ if name.startswith("DEDUP_") and name != "DEDUP_CACHE_DIR"]:
    del os.environ[_name]
os.environ["DEDUP_CONFIG"] = "off"

settings.register_profile("here", deadline=None, max_examples=10 if WITHOUT_JIT else 200)
settings.register_profile("ci", settings.get_profile("here"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


def pytest_configure(config: pytest.Config) -> None:
    """Let uncompiled kernels wrap around in threads and doctests too, which the fixture below does not reach.

    And let what tests start be interrupted: a shell that runs them in the background has it ignore that.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if WITHOUT_JIT:
        config.addinivalue_line("filterwarnings", "ignore:overflow encountered:RuntimeWarning")


@pytest.fixture(scope="session", autouse=True)
def wrap_around() -> Iterator[None]:
    """Unsigned scalars wrap around, as they do in a compiled kernel: no warning of it."""
    with np.errstate(over="ignore"):
        yield


@pytest.fixture(scope="session")
def fixtures_dir() -> Path:
    """Directory of the articles and broken files that belong to the repository."""
    return ROOT / "fixtures"


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """Directory of the corpora beside the repository; a test that needs it is skipped where it is absent."""
    shared = ROOT.parent / "shared"
    if not shared.is_dir():
        pytest.skip("the directory shared, beside the repository, is absent")
    return shared


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """Give a server; where there is none, the test is skipped, but not in CI."""
    from tests.redis_server import EXECUTABLE, RedisServer  # noqa: PLC0415 - the driver is an extra

    if EXECUTABLE is None:
        assert not os.environ.get("CI"), "CI needs redis-server"
        pytest.skip("there is no redis-server")
    with RedisServer() as server:
        yield server

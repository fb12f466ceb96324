from __future__ import annotations

import pytest

from dedup import Boilerplate, Context, ParameterError
from dedup.incremental.manifest import Manifest

FEW = Context([Boilerplate("Sign up for our free newsletter", None, 40)])


def test_what_is_stored_gives_the_manifest_again() -> None:
    manifest = Manifest(threshold=0.5, recall=0.9, window=86400, walk=7, seed=3, context=FEW)
    assert Manifest.of(manifest.as_dict(), FEW) == manifest


def test_parameters_that_are_not_those_of_the_index_are_named_with_those_that_are() -> None:
    manifest = Manifest(window=86400)
    manifest.check_asked({"threshold": 0.4, "window": 86400})
    with pytest.raises(ParameterError, match=r"window=1d.*asked for was window=2d"):
        manifest.check_asked({"window": 2 * 86400})
    with pytest.raises(ParameterError, match=r"threshold=0\.4.*threshold=0\.5"):
        manifest.check_asked({"threshold": 0.5})
    with pytest.raises(ParameterError, match="context"):
        manifest.check_asked({"context": FEW})


def test_no_window_is_called_none() -> None:
    with pytest.raises(ParameterError, match="window=none"):
        Manifest().check_asked({"window": 60})


def test_another_version_is_refused() -> None:
    stored = Manifest().as_dict()
    with pytest.raises(ParameterError, match="version 99"):
        Manifest.of({**stored, "index": 99}, Context())
    with pytest.raises(ParameterError, match="recipe"):
        Manifest.of({**stored, "recipe": {**stored["recipe"], "scheme": "another"}}, Context())


def test_a_context_that_is_not_the_one_stored_is_refused() -> None:
    with pytest.raises(ParameterError, match="context"):
        Manifest.of(Manifest(context=FEW).as_dict(), Context())

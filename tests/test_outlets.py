"""Outlets: which names beside a headline are those of outlets."""

from __future__ import annotations

import pytest

from dedup.match.outlets import Name, forms_of


def named(given: str) -> Name:
    found = Name.of(given)
    assert found is not None
    return found


@pytest.mark.parametrize("given", ["", " ", "…", "x" * 61, "one two three four five six seven"])
def test_what_can_be_no_name(given: str) -> None:
    assert Name.of(given) is None


@pytest.mark.parametrize(
    "given",
    ["BBC", "BBC News", "The Guardian", "Guardian Australia", "Der SPIEGEL", "FAZ", "Süddeutsche Zeitung"],
)
def test_mastheads(given: str) -> None:
    assert named(given).is_masthead(lower=False)
    assert not named(given.lower()).is_masthead(lower=False)
    assert named(given.lower()).is_masthead(lower=True)


@pytest.mark.parametrize("given", ["Apple", "a love story", "The", "News", "Storm"])
def test_other_words_are_no_mastheads(given: str) -> None:
    assert not named(given).is_masthead(lower=True)


@pytest.mark.parametrize(
    ("given", "source"),
    [
        ("Lockport Mail", "lockportmail.example"),
        ("New Harbour Times", "nhtimes.example"),
        ("New Harbour Times", "nht.example"),
        ("Finance Lockport", "lockportfinance.example"),
        ("lockport.com", "unknown.example"),
    ],
)
def test_own_names(given: str, source: str) -> None:
    assert named(given).is_own(forms_of(source))


def test_a_host_without_a_name_has_no_form() -> None:
    assert not forms_of("www.co.example")
    assert not forms_of(" ")


@pytest.mark.parametrize(
    ("given", "is_outlet"),
    [
        ("Valley Herald", True),
        ("The Valley Herald", True),
        ("Harburger Anzeiger", True),
        ("News", True),
        ("The Sun", True),
        ("The sun", False),
        ("Sun", False),
        ("valley herald", False),
        ("Valley herald", False),
        ("Hard Times", False),
        ("Herald", False),
        ("More Bad News", False),
    ],
)
def test_the_form_of_a_name(given: str, is_outlet: bool) -> None:
    assert named(given).looks_like_outlet(lower=False) == is_outlet


def test_sections() -> None:
    assert named("World news").is_section()
    assert named("Asia-Pacific").is_section()
    assert not named("Worlds").is_section()
    assert named("The Star").is_common()
    assert not named("The Star Wars").is_common()

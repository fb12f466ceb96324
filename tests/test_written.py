from __future__ import annotations

from dedup.match.wording import Wording
from dedup.match.written import as_written


def test_a_term_is_the_first_word_that_begins_with_it() -> None:
    text = "Überflutung in Köln: Kölner fliehen, 214 Menschen in Sicherheit."
    assert as_written(["koln", "uberfl", "214"], Wording(text).written) == ("Köln", "Überflutung", "214")


def test_a_term_that_stands_nowhere_is_shown_itself() -> None:
    assert as_written(["lisbon", ""], {}) == ("lisbon", "")
    assert as_written([], {"rain": "Rain"}) == ()

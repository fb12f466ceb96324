"""Terms as a text writes them: what two articles share is shown in words, and terms are beginnings of words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def as_written(terms: Iterable[str], written: Mapping[str, str]) -> tuple[str, ...]:
    """Words of a text that begin with the terms.

    Parameters
    ----------
    terms : iterable of str
        Beginnings of normalised words.
    written : mapping of str to str
        How each normalised word is written where it stands first, in the order of the text
        (:attr:`dedup.match.wording.Wording.written`).

    Returns
    -------
    tuple of str
        The first word that begins with each term; the term itself, where none does.

    Examples
    --------
    >>> as_written(["lisbon", "flood", "14"], {"floods": "Floods", "hit": "hit", "lisbon": "Lisbon"})
    ('Lisbon', 'Floods', '14')
    """
    return tuple(
        next((form for word, form in written.items() if word.startswith(term)), term) for term in terms
    )

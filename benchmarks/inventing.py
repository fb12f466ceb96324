"""Made-up languages, and texts in them that are functions of a number: what a dump of any size is written from.

A word of a text is a hash of the number of the text and of its place. So a copy can stand anywhere in a dump without
its original being held, and thousands of texts are made at once by a few passes over arrays.
"""

from __future__ import annotations

from itertools import product
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Hashes = NDArray[np.uint64]

WORDS = 40000  # of a language
PHRASES, PHRASE_WORDS = 20_000, 8  # of a language
FIGURES = 5_000
HOSTS = 3_000
LINES = 8  # of a host; the first is its byline
FORMS = (" ", ", ", ". ", ".\n")  # what stands behind a word
SHORT_RANK = 200  # the commonest words are short
MEDIAN_WORDS, SPREAD = 374, 0.5  # as the texts of `long`
BOUNDS = (40, 3_000)
DRAWS = 1 << 20

# Of 256: how often a word ends a paragraph, a sentence, a clause; is a figure; is one in a bulletin; of 32 blocks of
# eight words, how many are a phrase.
PARAGRAPH, SENTENCE, CLAUSE, FIGURE, SLOT, PHRASE = 5, 18, 40, 5, 14, 1

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
BLOCK = np.uint64(0xD1B54A32D192ED03)


class Alphabet(NamedTuple):
    """Letters of a language, and the share of articles that are in it."""

    consonants: str
    vowels: str
    share: float


ALPHABETS = (
    Alphabet("bcdfglmnprstv", "aeiou", 0.40),
    Alphabet("bdfghjklmnrstvw", "aeiouy", 0.20),
    Alphabet("bcdhjklmnpqrsty", "aeiouáéó", 0.15),
    Alphabet("бвгджзклмнпрстхч", "аеиоуя", 0.15),
    Alphabet("بتجحدرزسشفقكلمنه", "اوي", 0.10),
)


class Host(NamedTuple):
    """A site, and what it prints around its articles."""

    name: str
    lines: list[str]


class World(NamedTuple):
    """What all texts are made of.

    Attributes
    ----------
    tokens : list of str
        All words of all languages, each in all forms; then the figures.
    table : ndarray of int64 of shape (DRAWS,)
        Ranks of words, each as often as it is common.
    phrases : ndarray of int64 of shape (languages, PHRASES, PHRASE_WORDS)
        Ranks.
    phrase_table, host_table : ndarray of int64
        Numbers of phrases, and of hosts of a language, each as often as they are common.
    hosts : list of list of Host
        Of each language.
    languages : ndarray of int64 of shape (256,)
        Numbers of languages, each as often as it is common.
    lengths : ndarray of int64 of shape (4096,)
        Words of texts.
    """

    tokens: list[str]
    table: Numbers
    phrases: Numbers
    phrase_table: Numbers
    host_table: Numbers
    hosts: list[list[Host]]
    languages: Numbers
    lengths: Numbers


class Words(NamedTuple):
    """Tokens of many texts, one after another."""

    tokens: Numbers
    lengths: Numbers


def mix(values: Hashes) -> Hashes:
    """Finaliser of SplitMix64: hashes of numbers."""
    values = values ^ (values >> np.uint64(30))
    values *= np.uint64(0xBF58476D1CE4E5B9)
    values ^= values >> np.uint64(27)
    values *= np.uint64(0x94D049BB133111EB)
    values ^= values >> np.uint64(31)
    return values


def bits(hashes: Hashes, low: int, count: int) -> Numbers:
    """Some bits of hashes, as numbers."""
    return ((hashes >> np.uint64(low)) & np.uint64((1 << count) - 1)).astype(np.int64)


def places_in(lengths: Numbers) -> Numbers:
    """0, 1, ... within each of many runs."""
    starts = np.cumsum(lengths) - lengths
    return np.arange(int(lengths.sum())) - np.repeat(starts, lengths)


def zipf_table(count: int, offset: float, draws: int) -> Numbers:
    """Numbers below `count`, the k-th as often as 1 / (k + offset) says."""
    shares = np.cumsum(1 / (np.arange(count) + offset))
    places = (np.arange(draws) + 0.5) / draws
    return np.asarray(np.searchsorted(shares, places * shares[-1]), np.int64)


def invent_words(alphabet: Alphabet, rng: Generator) -> list[str]:
    """Words of a language, the commonest first and short."""
    syllables = ["".join(pair) for pair in product(alphabet.consonants, alphabet.vowels)]
    found: dict[str, None] = {}
    while len(found) < WORDS:
        least, most = (1, 2) if len(found) < SHORT_RANK else (2, 3)
        chosen = rng.integers(len(syllables), size=int(rng.integers(least, most + 1)))
        tail = alphabet.consonants[int(rng.integers(len(alphabet.consonants)))] if rng.random() < 0.5 else ""
        found["".join(syllables[one] for one in chosen.tolist()) + tail] = None
    return [*found]


def invent(seed: int) -> World:
    """Make the languages and the hosts."""
    rng = np.random.default_rng(seed)
    table = zipf_table(WORDS, 2.7, DRAWS)
    vocabularies = [invent_words(alphabet, rng) for alphabet in ALPHABETS]
    spelled = [*(word for words in vocabularies for word in words), *map(str, range(1, FIGURES + 1))]
    shares = np.cumsum([alphabet.share for alphabet in ALPHABETS])
    counts = [round(HOSTS * alphabet.share) for alphabet in ALPHABETS]
    sites = rng.permutation(WORDS)[: sum(counts)].tolist()
    hosts: list[list[Host]] = []
    for words, count in zip(vocabularies, counts, strict=True):
        names = [f"{vocabularies[0][sites.pop()]}.example" for _ in range(count)]
        hosts.append([Host(name, host_lines(name, words, table, rng)) for name in names])
    middle = NormalDist(np.log(MEDIAN_WORDS), SPREAD)
    lengths = np.exp([middle.inv_cdf((one + 0.5) / 4096) for one in range(4096)])
    return World(
        [word + form for word in spelled for form in FORMS],
        table,
        table[rng.integers(DRAWS, size=(len(ALPHABETS), PHRASES, PHRASE_WORDS))],
        zipf_table(PHRASES, 50, 1 << 16),
        zipf_table(min(counts), 3, 1 << 12),
        hosts,
        np.searchsorted(shares, (np.arange(256) + 0.5) / 256),
        np.clip(lengths, *BOUNDS).astype(np.int64),
    )


def host_lines(name: str, words: list[str], table: Numbers, rng: Generator) -> list[str]:
    """What a host prints around its articles."""
    lines = [f"{name}:"]
    for _ in range(LINES - 1):
        chosen = table[rng.integers(DRAWS, size=int(rng.integers(9, 18)))].tolist()
        lines.append(" ".join([name, *(words[one] for one in chosen)]) + ".")
    return lines


def write_words(world: World, keys: Hashes, languages: Numbers, lengths: Numbers) -> Words:
    """Words of texts; `keys` say which ones."""
    places = places_in(lengths)
    rows = np.repeat(np.arange(len(keys)), lengths)
    hashes = mix(keys[rows] + places.astype(np.uint64) * GOLDEN)
    ranks = world.table[bits(hashes, 0, 20)]
    tongues = languages[rows]
    blocks = mix(keys[rows] + (places >> 3).astype(np.uint64) * BLOCK)
    stock = np.flatnonzero(bits(blocks, 0, 5) < PHRASE)
    phrases = world.phrase_table[bits(blocks[stock], 5, 16)]
    ranks[stock] = world.phrases[tongues[stock], phrases, places[stock] & 7]
    words = ranks + tongues * WORDS
    figures = np.flatnonzero(bits(hashes, 28, 8) < FIGURE)
    words[figures] = figure_words(hashes[figures])
    stops = bits(hashes, 20, 8)
    forms = 1 * (stops < CLAUSE) + (stops < SENTENCE) + (stops < PARAGRAPH)
    return Words(words * len(FORMS) + forms, lengths)


def figure_words(hashes: Hashes) -> Numbers:
    """Words that are figures."""
    return len(ALPHABETS) * WORDS + bits(hashes, 40, 20) % FIGURES


def fill_in(words: Words, keys: Hashes, issues: Hashes) -> Words:
    """Put other figures into the slots of bulletins; slots are those of the text, figures those of the issue."""
    places = places_in(words.lengths).astype(np.uint64)
    rows = np.repeat(np.arange(len(keys)), words.lengths)
    slots = np.flatnonzero(bits(mix(keys[rows] + places * GOLDEN), 36, 8) < SLOT)
    figures = figure_words(mix(issues[rows[slots]] + places[slots] * BLOCK))
    tokens = words.tokens.copy()
    tokens[slots] = figures * len(FORMS) + tokens[slots] % len(FORMS)
    return Words(tokens, words.lengths)


def edit(world: World, words: Words, keys: Hashes, languages: Numbers, shares: NDArray[np.float64]) -> Words:
    """Replace (60 %), delete (20 %) or insert (20 %) words: of each text a share of them."""
    rows = np.repeat(np.arange(len(keys)), words.lengths)
    hashes = mix(keys[rows] + places_in(words.lengths).astype(np.uint64) * BLOCK)
    touched = np.flatnonzero(bits(hashes, 0, 16) < shares[rows] * (1 << 16))
    chances = bits(hashes[touched], 16, 8)
    ranks = world.table[bits(hashes[touched], 32, 20)]
    fresh = (ranks + languages[rows[touched]] * WORDS) * len(FORMS)
    tokens, times = words.tokens.copy(), np.ones(len(rows), np.int64)
    replaced, deleted, added = chances < 154, (chances >= 154) & (chances < 205), chances >= 205
    tokens[touched[replaced]] = fresh[replaced] + tokens[touched[replaced]] % len(FORMS)
    times[touched[deleted]] = 0
    times[touched[added]] = 2
    first = (np.cumsum(times) - times)[touched[added]]
    tokens = np.repeat(tokens, times)
    tokens[first] = fresh[added]
    return Words(tokens, np.bincount(rows, weights=times, minlength=len(keys)).astype(np.int64))


def spell(world: World, words: Words) -> list[str]:
    """Texts of words."""
    spelled = [*map(world.tokens.__getitem__, words.tokens.tolist())]
    stops = np.cumsum(words.lengths)
    starts = (stops - words.lengths).tolist()
    return ["".join(spelled[start:stop]).rstrip() for start, stop in zip(starts, stops.tolist(), strict=True)]

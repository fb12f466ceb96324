from __future__ import annotations

import gzip
import io
import random
import zlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.io.recordheads import ArcGrammar, Grammar, WarcGrammar
from dedup.io.streams import zstandard
from dedup.io.warcrecords import RawRecord, Records, Trouble
from tests.warcs import ARC_INFO, INFO, arc_record, crawl, http, packed, record, story

MAX = 1 << 20
Item = RawRecord | Trouble


def read(
    data: bytes, grammar: Grammar | None = None, max_record: int = MAX, compression: str | None = None
) -> list[Item]:
    compression = compression or {b"\x1f\x8b": "gzip", b"\x28\xb5": "zstd"}.get(data[:2])
    return list(Records(io.BytesIO(data), compression, grammar or WarcGrammar(), max_record))


def good(items: list[Item]) -> list[bytes]:
    """The records, as they stand."""
    return [item.head + item.block for item in items if isinstance(item, RawRecord)]


def bad(items: list[Item]) -> list[tuple[int, str]]:
    return [(item.offset, item.kind) for item in items if isinstance(item, Trouble)]


def bodies(records: list[bytes]) -> list[bytes]:
    return [data.removesuffix(b"\r\n\r\n") for data in records]


CRAWL = crawl(5)
MEMBERS = packed(CRAWL)
PLACES = [sum(map(len, MEMBERS[:n])) for n in range(len(MEMBERS) + 1)]


def test_records_are_the_same_however_they_are_compressed() -> None:
    plain = b"".join(CRAWL)
    blocks = [plain[at : at + 700] for at in range(0, len(plain), 700)]
    forms = {
        "plain": plain,
        "a member each": b"".join(MEMBERS),
        "one member": gzip.compress(plain),
        "members cut anywhere": b"".join(map(gzip.compress, blocks)),
        "a frame each": b"".join(map(zstandard().compress, CRAWL)),
        "one frame": zstandard().compress(plain),
    }
    for name, data in forms.items():
        items = read(data)
        assert good(items) == bodies(CRAWL), name
        assert bad(items) == [], name
        assert [item.number for item in items] == [1, 2, 3, 4, 5, 6]
    spans = [(item.start, item.stop) for item in read(plain) if isinstance(item, RawRecord)]
    assert [plain[start:stop] for start, stop in spans] == bodies(CRAWL)


def test_a_record_knows_its_member_only_where_it_has_one_of_its_own() -> None:
    items = read(b"".join(MEMBERS))
    assert [item.member for item in items if isinstance(item, RawRecord)] == list(pairwise(PLACES))
    shared = gzip.compress(CRAWL[0] + CRAWL[1]) + MEMBERS[2]
    assert [isinstance(item, RawRecord) and item.member is not None for item in read(shared)] == [
        False,
        False,
        True,
    ]
    assert {item.member for item in read(b"".join(CRAWL)) if isinstance(item, RawRecord)} == {None}


@pytest.mark.parametrize("place", [0, 3, 20, 200, -6, -2])
@pytest.mark.parametrize("hit", [1, 3, 5])
def test_a_damaged_member_costs_its_record_only(hit: int, place: int) -> None:
    members = [bytearray(member) for member in MEMBERS]
    members[hit][place] ^= 0xFF
    items = read(b"".join(members), compression="gzip")
    assert good(items) == [body for n, body in enumerate(bodies(CRAWL)) if n != hit]
    (trouble,) = bad(items)
    assert PLACES[hit] <= trouble[0] < PLACES[hit + 1]
    assert [item.number for item in items] == [1, 2, 3, 4, 5, 6]


@given(st.data())
def test_whatever_is_flipped_in_a_member_the_others_are_read(data: st.DataObject) -> None:
    members = [bytearray(member) for member in MEMBERS]
    hit = data.draw(st.integers(0, len(members) - 1))
    for place in data.draw(st.lists(st.integers(0, len(members[hit]) - 1), min_size=1, max_size=10)):
        members[hit][place] ^= data.draw(st.integers(1, 255))
    found = good(read(b"".join(members), compression="gzip"))
    others = [body for n, body in enumerate(bodies(CRAWL)) if n != hit]
    assert [body for body in found if body in others] == others


@given(st.integers(1, sum(map(len, MEMBERS)) - 1))
def test_a_file_that_is_cut_anywhere_gives_all_before(length: int) -> None:
    items = read(b"".join(MEMBERS)[:length])
    n_whole = sum(stop <= length for stop in PLACES[1:])
    assert good(items)[:n_whole] == bodies(CRAWL)[:n_whole]
    is_within = length not in PLACES
    assert [kind for _, kind in bad(items)] == ["truncated"] * is_within
    if is_within:
        assert bad(items)[0][0] == PLACES[n_whole]


@given(st.integers(1, sum(map(len, CRAWL)) - 1))
def test_a_plain_file_that_is_cut_anywhere_gives_all_before(length: int) -> None:
    plain = b"".join(CRAWL)
    items = read(plain[:length])
    stops = [sum(map(len, CRAWL[: n + 1])) for n in range(len(CRAWL))]
    n_whole = sum(stop - 4 <= length for stop in stops)
    assert good(items) == bodies(CRAWL)[:n_whole]
    rest = plain[sum(map(len, CRAWL[:n_whole])) : length].strip(b"\r\n")
    assert [kind for _, kind in bad(items)] == ["truncated"] * bool(rest)


@pytest.mark.parametrize(
    "length", [0, 5, 700, 2000, 10**5, 10**6 - 1, 10**7, 10**17, 10**18, "-5", "1e3", "", "٣"]
)
@pytest.mark.parametrize("is_packed", [False, True])
def test_a_wrong_length_costs_its_record_only(length: int | str, is_packed: bool) -> None:
    block = http(story(9))
    records = [*CRAWL[:3], record(block, length=length), *CRAWL[3:]]
    items = read(b"".join(packed(records)) if is_packed else b"".join(records))
    assert good(items) == bodies(CRAWL)
    (trouble,) = bad(items)
    assert trouble[0] == (PLACES[3] if is_packed else sum(map(len, CRAWL[:3])))


def test_what_there_is_of_a_record_of_a_wrong_length_is_given() -> None:
    block = http(story(9))
    for length in (len(block) - 100, len(block) + 300):
        items = read(b"".join([CRAWL[0], record(block, length=length), CRAWL[1]]))
        (trouble,) = (item for item in items if isinstance(item, Trouble))
        assert trouble.rest is not None
        assert trouble.rest.block.rstrip() == block.rstrip()


def test_a_head_may_not_be_endless() -> None:
    for head in (b"WARC/1.0\r\nX-Long: " + b"a" * 10_000_000, b"WARC/1.0\r\n" + b"a: b\r\n" * 100_000):
        items = read(CRAWL[0] + head + b"\r\n\r\n" + CRAWL[1])
        assert good(items) == bodies(CRAWL[:2])
        assert bad(items) == [(len(CRAWL[0]), "damaged")]


def test_a_record_longer_than_may_be_is_passed_over_without_being_held() -> None:
    long = record(http(b"a" * (5 << 20)))
    for data in (b"".join([CRAWL[0], long, CRAWL[1]]), b"".join(packed([CRAWL[0], long, CRAWL[1]]))):
        records = Records(io.BytesIO(data), "gzip" if data[:1] == b"\x1f" else None, WarcGrammar(), MAX)
        most, items = 0, []
        for item in records:
            most = max(most, len(records._held))
            items.append(item)
        assert good(items) == bodies(CRAWL[:2])
        (trouble,) = (item for item in items if isinstance(item, Trouble))
        assert trouble.reason.startswith("longer than 1,048,576 bytes")
        assert most < (7 << 20)


def test_a_gzip_bomb_is_passed_over_in_bounded_memory() -> None:
    bomb = zlib.compressobj(9, wbits=31)
    parts = [bomb.compress(record(b"", length=10**9)[:-4])]
    parts += [bomb.compress(bytes(1 << 20)) for _ in range(200)]
    data = MEMBERS[0] + b"".join(parts) + bomb.flush() + MEMBERS[1]
    records = Records(io.BytesIO(data), "gzip", WarcGrammar(), MAX)
    most, items = 0, []
    for item in records:
        most = max(most, len(records._held))
        items.append(item)
    assert good(items) == bodies(CRAWL[:2])
    assert most < (10 << 20)


def test_nul_bytes_in_the_place_of_a_member_are_damage() -> None:
    for hit in (0, 2, 5):
        members = [bytes(len(member)) if n == hit else member for n, member in enumerate(MEMBERS)]
        items = read(b"".join(members), compression="gzip")
        assert good(items) == [body for n, body in enumerate(bodies(CRAWL)) if n != hit]
        assert bad(items) == [(PLACES[hit], "damaged")]


def test_members_that_hold_nothing_and_a_little_padding_are_passed_over() -> None:
    empty, nothing = gzip.compress(b""), gzip.compress(b"\r\n" * 1000)
    data = MEMBERS[0] + empty * 3 + bytes(17) + MEMBERS[1] + nothing + MEMBERS[2] + bytes(5)
    items = read(data)
    assert good(items) == bodies(CRAWL[:3])
    assert bad(items) == []


def test_what_is_no_record_is_told_once() -> None:
    junk = b"no record\n" * 100_000
    items = read(CRAWL[0] + junk + CRAWL[1])
    assert good(items) == bodies(CRAWL[:2])
    assert bad(items) == [(len(CRAWL[0]), "damaged")]
    items = read(MEMBERS[0] + gzip.compress(junk) + MEMBERS[1] + b"junk" * 100_000 + MEMBERS[2])
    assert good(items) == bodies(CRAWL[:3])
    assert bad(items) == [
        (PLACES[1], "damaged"),
        (len(MEMBERS[0]) + len(gzip.compress(junk)) + len(MEMBERS[1]), "damaged"),
    ]
    assert bad(read(bytes(5000))) == [(0, "damaged")]
    assert read(b"") == []


def test_a_member_that_runs_on_into_the_next_is_found_out() -> None:
    """Damage may hide the end of a member: the decompressor then goes on beyond it."""
    stored = zlib.compressobj(0, wbits=31)
    member = bytearray(stored.compress(CRAWL[1]) + stored.flush())
    member[10] ^= 1  # no longer the last block
    items = read(MEMBERS[0] + bytes(member) + MEMBERS[2] + MEMBERS[3])
    assert good(items) == bodies([CRAWL[0], CRAWL[2], CRAWL[3]])
    assert bad(items) == [(PLACES[1], "damaged")]


class Counted(io.BytesIO):
    """A file that counts what is read of it."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data


def test_what_seems_to_begin_a_member_is_not_read_again_and_again() -> None:
    raw = Counted(MEMBERS[0] + b"\x1f\x8b\x08\x00" * 500_000 + MEMBERS[1])
    assert good(list(Records(raw, "gzip", WarcGrammar(), MAX))) == bodies(CRAWL[:2])
    assert raw.taken < 3 * len(raw.getvalue())


def test_members_within_damaged_ones_are_read_a_bounded_number_of_times() -> None:
    data = CRAWL[1]
    for _ in range(300):  # each is stored, not compressed, in the next, which is damaged
        stored = zlib.compressobj(0, wbits=31)
        data = (stored.compress(INFO + data) + stored.flush())[:-8] + bytes(8)
    raw = Counted(MEMBERS[0] + data + MEMBERS[2])
    items = list(Records(raw, "gzip", WarcGrammar(), 2000))
    assert good(items)[0] == bodies(CRAWL)[0]
    assert raw.taken < 3 * len(data) + 30 * (1 << 20)


def test_a_dictionary_stands_in_a_frame_of_its_own() -> None:
    module = zstandard()
    dictionary = module.train_dict([story(n) for n in range(200)], 4096)
    frames = [module.compress(data, zstd_dict=dictionary) for data in CRAWL]
    for stored in (dictionary.dict_content, module.compress(dictionary.dict_content)):
        head = b"\x5d\x2a\x4d\x18" + len(stored).to_bytes(4, "little") + stored
        records = Records(io.BytesIO(head + b"".join(frames)), "zstd", WarcGrammar(), MAX)
        items = list(records)
        assert good(items) == bodies(CRAWL)
        assert bad(items) == []


def test_damage_to_a_frame_costs_its_record_only() -> None:
    frames = [
        bytearray(zstandard().compress(data, options={zstandard().CompressionParameter.checksum_flag: 1}))
        for data in CRAWL
    ]
    frames[2][40] ^= 0xFF
    items = read(b"".join(frames))
    assert good(items) == bodies([*CRAWL[:2], *CRAWL[3:]])
    assert bad(items) == [(len(frames[0] + frames[1]), "damaged")]


def test_arc() -> None:
    pages = [arc_record(http(story(n)), f"http://news.example/{n} {n}") for n in range(4)]
    records = [ARC_INFO, *pages]
    stands = [data[:-1] for data in records]
    for data in (b"".join(records), b"".join(packed(records)), gzip.compress(b"".join(records))):
        items = read(data, ArcGrammar())
        assert good(items) == stands
        assert bad(items) == []
    broken = pages[1].replace(b" text/html ", b" text/html -", 1)
    for data in (
        b"".join([ARC_INFO, pages[0], broken, *pages[2:]]),
        b"".join(packed([ARC_INFO, pages[0], broken, *pages[2:]])),
    ):
        items = read(data, ArcGrammar())
        assert good(items) == [stands[0], stands[1], *stands[3:]]
        assert [kind for _, kind in bad(items)] == ["damaged"]
    cut = read(b"".join(records)[:-300], ArcGrammar())
    assert good(cut) == stands[:-1]
    assert [kind for _, kind in bad(cut)] == ["truncated"]


@given(
    st.lists(
        st.sampled_from([*MEMBERS, b"junk", b"\x1f\x8b\x08\x00", bytes(3), gzip.compress(b"x")]), max_size=12
    )
)
def test_whole_members_are_read_whatever_stands_between(parts: list[bytes]) -> None:
    wanted = [bodies(CRAWL)[MEMBERS.index(part)] for part in parts if part in MEMBERS]
    data = b"".join(parts)
    items = list(Records(io.BytesIO(data), "gzip", WarcGrammar(), MAX))
    assert good(items) == wanted
    assert sorted(item.number for item in items) == list(range(1, len(items) + 1))


@given(st.binary(max_size=3000))
def test_any_bytes_end(data: bytes) -> None:
    for compression in (None, "gzip", "zstd"):
        for grammar in (WarcGrammar(), ArcGrammar()):
            list(Records(io.BytesIO(data), compression, grammar, 1000))


def test_any_damage_to_plain_records_ends() -> None:
    rng = random.Random(5)
    plain = b"".join(CRAWL)
    for _ in range(200):
        data = bytearray(plain)
        for _ in range(rng.randrange(1, 30)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        items = read(bytes(data))
        starts = [item.start for item in items if isinstance(item, RawRecord)]
        assert starts == sorted(set(starts))

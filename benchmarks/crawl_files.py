"""A damaged crawl: real pages in a WARC file, some of its members corrupted, and what is read of it.

    python -m benchmarks.crawl_files                    # 300 MB compressed, 1 % of the members corrupted
    python -m benchmarks.crawl_files --megabytes 30     # a smaller one

The pages lie in the folder given by ``--shared``. Each is repeated under URLs of its own, with a sentence of its own, so
it is known which records were written, and which of them can't be read. What is lost beside those must be nothing.
"""

from __future__ import annotations

import argparse
import gzip
import random
import resource
import sys
import tempfile
import time
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from dedup.io.extracting import Extraction, Extractor
from dedup.io.streams import Source
from dedup.io.warc import WarcReader
from dedup.io.warcrecords import RawRecord

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dedup.io.pages import PageRecord

ROOT = Path(__file__).resolve().parents[1]
_HEAD = (
    "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012d}>\r\n"
    "WARC-Target-URI: {url}\r\nWARC-Date: 2026-03-09T07:00:00Z\r\n"
    "Content-Type: application/http; msgtype=response\r\nContent-Length: {length}\r\n\r\n"
)
_HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nServer: news\r\n\r\n"
#: Bytes of a member that are flipped, and those at its ends that are not.
_FLIPPED, _SPARED = 10, 32


@dataclass
class Crawl:
    """A file, and the truth about it."""

    path: Path
    urls: set[str] = field(default_factory=set)
    corrupted: set[str] = field(default_factory=set)
    compressed: int = 0
    uncompressed: int = 0


def pages_of(shared: Path) -> list[bytes]:
    """Real pages, in the order of their names."""
    names = sorted((shared / "data" / "html-scrapinghub" / "html").glob("*.html.gz"))
    pages = [gzip.decompress(name.read_bytes()) for name in names]
    others = sorted((shared / "data" / "html-newspaper4k").rglob("*.html"))
    return pages + [name.read_bytes() for name in others]


def write_crawl(path: Path, pages: list[bytes], size: int, share: float, seed: int) -> Crawl:
    """Write pages in turn, until the file has so many bytes; of some members a few bytes are flipped."""
    crawl, rng = Crawl(path), random.Random(seed)
    with path.open("wb") as output:
        while crawl.compressed < size:
            number = len(crawl.urls)
            page = pages[number % len(pages)]
            url = f"https://news.example/{number % len(pages)}/{number}"
            own = b"<p>Printed as number %d of the evening edition.</p></body>" % number
            body = _HTTP + (page.replace(b"</body>", own) if b"</body>" in page else page + own)
            record = _HEAD.format(number=number, url=url, length=len(body)).encode() + body + b"\r\n\r\n"
            member = bytearray(gzip.compress(record, 6, mtime=0))
            if rng.random() < share:
                crawl.corrupted.add(url)
                for place in rng.sample(range(_SPARED, len(member) - _SPARED), _FLIPPED):
                    member[place] ^= rng.randrange(1, 256)
            output.write(member)
            crawl.urls.add(url)
            crawl.compressed += len(member)
            crawl.uncompressed += len(record)
    return crawl


def check_reading(crawl: Crawl) -> bool:
    """Read the records alone, and print what was read, lost, and how fast; whether nothing else was lost."""
    reader = WarcReader(Source(str(crawl.path)))
    begin = time.process_time()
    n_records = sum(isinstance(record, RawRecord) for record in reader.records())
    records_s = time.process_time() - begin
    begin = time.process_time()
    read = [str(record.page.url) for record in reader.pages()]
    pages_s = time.process_time() - begin
    lost = crawl.urls - crawl.corrupted - set(read)
    megabytes = crawl.uncompressed / 1e6
    print(f"file               {crawl.compressed / 1e6:,.0f} MB, uncompressed {megabytes:,.0f} MB")
    print(f"records written    {len(crawl.urls):,}")
    print(f"members corrupted  {len(crawl.corrupted):,}")
    print(f"pages read         {len(read):,}")
    print(f"records damaged    {len(reader.damaged):,}")
    print(f"lost beside        {len(lost):,}")
    print(f"corrupted but read {len(crawl.corrupted & set(read)):,}")
    print(
        f"records alone      {megabytes / records_s:,.0f} MB/s of CPU ({n_records:,} records, {records_s:.2f} s)"
    )
    print(f"pages of responses {megabytes / pages_s:,.0f} MB/s of CPU ({pages_s:.2f} s)")
    return not lost and len(read) == len(set(read))


def measure_extraction(crawl: Crawl, processes: int, most: int) -> None:
    """Extract some pages, and print how fast, and how busy the cores were."""
    pages = _first(WarcReader(Source(str(crawl.path))).pages(), most)
    begin, own, children = time.perf_counter(), time.process_time(), _children()
    with Extraction(Extractor(processes=processes)) as extraction:
        n_pages = sum(1 for _ in extraction.in_order(pages, lambda record: record.page))
    wall = time.perf_counter() - begin
    cpu = time.process_time() - own + _children() - children
    print(
        f"extraction, {processes} processes: {n_pages / cpu:,.0f} pages a CPU second, {n_pages / wall:,.0f} a second; "
        f"{cpu / wall:.2f} cores busy ({n_pages:,} pages, {cpu:.1f} s of CPU)"
    )


def _first(pages: Iterator[PageRecord], most: int) -> Iterator[PageRecord]:
    for _, page in zip(range(most), pages, strict=False):
        yield page


def _children() -> float:
    """CPU seconds of processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--work", type=Path, help="keeps the file here; default: a temporary folder")
    parser.add_argument("--megabytes", type=int, default=300)
    parser.add_argument("--share", type=float, default=0.01)
    parser.add_argument("--pages", type=int, default=2000, help="how many are extracted")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = (given.work or Path(folder)) / "crawl.warc.gz"
        crawl = write_crawl(
            path, pages_of(given.shared), given.megabytes * 1_000_000, given.share, given.seed
        )
        is_whole = check_reading(crawl)
        for processes in (1, 2):
            measure_extraction(crawl, processes, given.pages)
    print(f"zlib {zlib.ZLIB_RUNTIME_VERSION}, Python {sys.version.split()[0]}")
    return 0 if is_whole else 1


if __name__ == "__main__":
    sys.exit(main())

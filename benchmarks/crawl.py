"""Two spiders at once, on one index: the fixtures are served as two sites on loopback and crawled with Scrapy.

    python -m benchmarks.crawl                   # what each spider dropped, its stats, and whether that is right
    python -m benchmarks.crawl --index URI       # on a new index that stays, or on a server

Monday and Tuesday are a site each, and both print the wires, under the same URLs. A story is a cluster of
``truth.jsonl``; right is that each is kept exactly once over both spiders.
"""

from __future__ import annotations

import argparse
import html
import json
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import scrapy
from itemadapter import ItemAdapter
from scrapy import signals
from scrapy.crawler import CrawlerProcess

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping

    from scrapy.http import Response
    from twisted.python.failure import Failure

ROOT = Path(__file__).resolve().parents[1]
NEWS = ROOT / "fixtures" / "news"
SITES = {"monday": ("monday", "wires"), "tuesday": ("tuesday", "wires")}
#: For any crawl: nothing but the add-on, quiet, and as fast as the loopback is.
SETTINGS: dict[str, Any] = {
    "ADDONS": {"dedup.scrapy.Addon": 500},
    "TELNETCONSOLE_ENABLED": False,
    "LOG_LEVEL": "WARNING",
    "DOWNLOAD_DELAY": 0,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 8,
}


class StoryItem(scrapy.Item):  # type: ignore[misc, unused-ignore]
    id = scrapy.Field()
    url = scrapy.Field()
    title = scrapy.Field()
    text = scrapy.Field()
    date = scrapy.Field()
    dedup = scrapy.Field()


@dataclass
class Story:
    """An item without a place for a verdict."""

    id: str | None = None
    url: str | None = None
    title: str | None = None
    text: str | None = None
    date: str | None = None


ITEMS = {"dict": dict, "item": StoryItem, "dataclass": Story}


class StorySpider(scrapy.Spider):
    """Follows each link of a front page, and makes an item of each story."""

    name = "stories"

    def __init__(self, *, front: str, item: str = "dict", **rest: Any) -> None:  # noqa: ANN401 - Scrapy's
        super().__init__(**rest)
        self._front, self._item = front, ITEMS[item]

    async def start(self) -> AsyncIterator[scrapy.Request]:
        yield scrapy.Request(self._front)

    def parse(self, response: Response) -> Iterator[scrapy.Request]:
        links = response.css("a.story::attr(href)").getall()
        for place, request in enumerate(response.follow_all(links, self.parse_story)):
            yield request.replace(priority=-place)  # in the order of the page, which Scrapy would turn round

    def parse_story(self, response: Response) -> Iterator[object]:
        fields = {
            "id": response.css("article::attr(data-id)").get(),
            "url": response.css("link[rel=canonical]::attr(href)").get() or response.url,
            "title": response.css("h1::text").get(),
            "text": "\n\n".join(response.css("article p::text").getall()) or None,
            "date": response.css("time::attr(datetime)").get(),
        }
        yield self._item(**{name: value for name, value in fields.items() if value is not None})


def page_of(article: Mapping[str, Any]) -> str:
    """HTML of an article; what it does not have is not there."""

    def tag(name: str, template: str) -> str:
        value = article.get(name)
        return template.format(html.escape(value)) if value else ""

    text = (article.get("text") or "").split("\n\n")
    return (
        "<!doctype html><meta charset=utf-8>"
        + tag("url", '<link rel="canonical" href="{}">')
        + (f'<article data-id="{html.escape(article["id"])}">' if article.get("id") else "<article>")
        + tag("title", "<h1>{}</h1>")
        + tag("date", '<time datetime="{}"></time>')
        + "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in text if paragraph)
        + "</article>"
    )


def site_of(name: str, articles: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Pages of a site by path: the front page, and one for each article."""
    pages = {f"/{name}/{number}": page_of(article) for number, article in enumerate(articles)}
    links = "".join(f'<a class="story" href="{path}">{path}</a>' for path in pages)
    return {f"/{name}/": f"<!doctype html><meta charset=utf-8><title>{name}</title>{links}", **pages}


@contextmanager
def serve(pages: Mapping[str, str]) -> Iterator[str]:
    """Serve pages on loopback; yields the URL that their paths follow."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = pages.get(self.path, "").encode()
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def crawl(jobs: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Run crawls at once in this process.

    Parameters
    ----------
    jobs : mapping of str to mapping
        By name: ``front`` (a URL), ``settings``, ``item`` (one of ``ITEMS``).

    Returns
    -------
    dict
        By name: the items that were ``kept``; the messages of those ``dropped``, by id or URL; the ``stats``; the
        ``error`` that ended the crawl, if one did.
    """
    process = CrawlerProcess({"LOG_LEVEL": SETTINGS["LOG_LEVEL"]})
    report: dict[str, Any] = {}
    crawlers = {}
    for name, job in jobs.items():
        settings = {**SETTINGS, **job["settings"]}
        crawler = process.create_crawler(type("JobSpider", (StorySpider,), {"custom_settings": settings}))
        receivers = _Receivers(
            report.setdefault(name, {"kept": [], "dropped": {}, "stats": {}, "error": None})
        )
        crawler.signals.connect(receivers.scraped, signals.item_scraped)
        crawler.signals.connect(receivers.dropped, signals.item_dropped)
        ended = process.crawl(crawler, front=job["front"], item=job.get("item", "dict"))
        ended.addErrback(receivers.failed)
        crawlers[name] = crawler, receivers  # a signal holds what it calls weakly
    process.start()
    for name, (crawler, _) in crawlers.items():
        if crawler.spider is not None:
            stats = crawler.stats.get_stats().items()
            report[name]["stats"] = {
                key: value for key, value in stats if isinstance(value, int | float | str)
            }
    return report


class _Receivers:
    """Takes down what becomes of the items."""

    def __init__(self, found: dict[str, Any]) -> None:
        self._found = found

    def scraped(self, item: object) -> None:
        self._found["kept"].append(ItemAdapter(item).asdict())

    def dropped(self, item: object, exception: Exception) -> None:
        adapter = ItemAdapter(item)
        self._found["dropped"][adapter.get("id") or adapter["url"]] = str(exception)

    def failed(self, failure: Failure) -> None:
        self._found["error"] = f"{type(failure.value).__name__}: {failure.value}"


def crawl_apart(jobs: Iterable[Mapping[str, Mapping[str, Any]]]) -> list[tuple[dict[str, Any], str]]:
    """Run crawls at once in processes of their own; the report and the log of each."""
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.crawl", "--jobs", json.dumps(job)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for job in jobs
    ]
    ended = [(*process.communicate(), process.returncode) for process in started]
    for _, log, status in ended:
        if status:
            raise RuntimeError(f"a crawl ended with {status}\n{log}")
    return [(json.loads(report), log) for report, log, _ in ended]


def _articles(names: Iterable[str]) -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for name in names
        for line in (NEWS / f"{name}.jsonl").read_text("utf-8").splitlines()
    ]


def demonstrate(index: str) -> bool:
    """Crawl the fixtures and print what happened; whether that is right."""
    pages = {
        path: page for site, names in SITES.items() for path, page in site_of(site, _articles(names)).items()
    }
    with serve(pages) as url:
        jobs = [
            {site: {"front": f"{url}/{site}/", "settings": {"DEDUP_INDEX": index}, "item": "item"}}
            for site in SITES
        ]
        reports = [report for report, _ in crawl_apart(jobs)]
    found = {site: part for report in reports for site, part in report.items()}
    for site, part in found.items():
        print(f"spider {site}: kept {len(part['kept'])}, dropped {len(part['dropped'])}")
        print("".join(f"  {message}\n" for message in part["dropped"].values()), end="")
        print("".join(f"{name} = {part['stats'][name]}\n" for name in sorted(part["stats"]) if _ours(name)))
    truth = {line["id"]: line["cluster"] for line in _articles(["truth"])}
    times = Counter(truth[item["id"]] for part in found.values() for item in part["kept"])
    wrong = {story: times[story] for story in set(truth.values()) if times[story] != 1}
    print(
        f"{len(set(truth.values()))} stories, each kept exactly once: {'no, ' + str(wrong) if wrong else 'yes'}"
    )
    return not wrong


def _ours(name: str) -> bool:
    return name.startswith(("dedup/", "item_"))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--index", help="a new index; default: a directory that is deleted afterwards")
    parser.add_argument("--jobs", type=json.loads, help="run these crawls, and print the report as JSON")
    options = parser.parse_args()
    if options.jobs:
        print(json.dumps(crawl(options.jobs)))
        return
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(not demonstrate(options.index or f"{folder}/news.dedup"))


if __name__ == "__main__":
    main()

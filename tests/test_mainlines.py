"""Main lines: which lines of a page's content are the article."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.io.mainlines import main_text, title_key, without_title

LEAD = "The council voted on Monday to close the old pool on Mill Street, after engineers had found cracks in its floor."
SAYS = "“It leaks,” said the mayor, Tom Harrow, at noon."


def page(*blocks: str) -> str:
    return "\n\n".join(blocks)


def test_what_stands_before_the_headline_and_the_headline_are_left_out() -> None:
    found = main_text(
        page("<p>Council</p>", "<h1> Pool &amp; baths <b>close</b></h1>", f"<p>{LEAD}</p>", f"<p>{SAYS}</p>"),
        ["POOL & baths close"],
    )
    assert found == f"{LEAD}\n{SAYS}"


def test_a_headline_further_down_cuts_nothing_off() -> None:
    content = page(f"<p>{LEAD}</p>", f"<p>{SAYS}</p>", "<h3>Pool closes</h3>", f"<p>{LEAD} Again.</p>")
    assert main_text(content, ["Pool closes"]).startswith(LEAD)
    three = page(
        *[f"<p>{LEAD} {number}.</p>" for number in range(3)], "<h1>Pool closes</h1>", *[f"<p>{LEAD}</p>"] * 9
    )
    assert main_text(three, ["Pool closes"]).startswith(f"{LEAD} 0.")


def test_links_and_notices_are_left_out_where_they_are_all_of_a_line() -> None:
    content = page(
        f"<p>{LEAD}</p>",
        "<p><a href='/x'>Read also: The library opens on Sundays</a></p>",
        f"<p>{SAYS} <a href='/y'>More</a></p>",
        "<p>© 2026 Lockport Media</p>",
    )
    assert main_text(content, []) == f"{LEAD}\n{SAYS} More"


def test_what_is_no_sentence_is_left_out_at_the_end_only() -> None:
    content = page(
        f"<p>{LEAD}</p>",
        "<h3>In short</h3>",
        f"<p>{SAYS}</p>",
        "<h3>More from Lockport</h3>",
        "<p>Comments</p>",
    )
    assert main_text(content, []) == f"{LEAD}\nIn short\n{SAYS}"


def test_a_date_alone_does_not_begin_an_article() -> None:
    assert main_text(page("<p>9 March 2026</p>", f"<p>{LEAD}</p>"), []) == LEAD
    dated = "9 March 2026 was the day on which the old pool was closed."
    assert main_text(page(f"<p>{dated}</p>", f"<p>{LEAD}</p>"), []) == f"{dated}\n{LEAD}"


def test_breaks_part_lines_and_entities_are_characters() -> None:
    assert (
        main_text("<p>One &lt;b&gt; two<br>three\xa0four</p>\n<p>" + LEAD, [])
        == f"One <b> two\nthree four\n{LEAD}"
    )


@pytest.mark.parametrize(
    "sentence",
    [
        "港町の市立図書館は日曜日も午前十時に開館することになった。",
        "عادت المياه إلى حي النخيل صباح الأربعاء بعد انقطاع دام أربعة أيام.",
        "गाँव में चार दिन बाद बिजली लौटी, बिजली विभाग ने बुधवार को बताया।",
        "นายกเทศมนตรีกล่าวว่าร้านค้ากว่าร้อยร้านจะกลับมาขายของเหมือนเดิม",
        "Мост покрасят в зелёный цвет, сообщила во вторник управа.",
    ],
)
def test_a_sentence_of_any_script_ends_an_article(sentence: str) -> None:
    assert (
        main_text(page(f"<p>{LEAD}</p>", f"<p>{sentence}</p>", "<h3>More</h3>"), []) == f"{LEAD}\n{sentence}"
    )


def test_a_headline_is_taken_off_a_text() -> None:
    assert without_title(f"Pool closes\n{LEAD}\n\n{SAYS}", ["Pool closes"]) == f"{LEAD}\n{SAYS}"
    assert without_title(f"{LEAD}\n{SAYS}", ["Pool closes", ""]) == f"{LEAD}\n{SAYS}"


@given(st.text(), st.lists(st.text(), max_size=3))
def test_no_markup_is_too_odd(markup: str, titles: list[str]) -> None:
    lines = main_text(markup, titles).split("\n")
    assert all(line == " ".join(line.split()) for line in lines)


@given(st.text())
def test_keys_do_not_depend_on_case_or_marks(title: str) -> None:
    assert title_key(f" {title}!") == title_key(title)
    assert title_key(title_key(title)) == title_key(title)

"""Figures that ours are set beside: measured by cheap lexical methods elsewhere, the best published, and what we aim at.

What is cheap or published is quoted from the note that comes with the gold sets. It need not be of the same part of a set: the
cheap figures of ru-paraphraser are not those of its visible part, under any reading of "two-class".
"""

from __future__ import annotations

from dataclasses import dataclass

VIEWS = {"TS": "titles and snippets", "T": "titles", "S": "snippets"}


@dataclass(frozen=True, slots=True)
class Reference:
    """What is known of a measure on a set."""

    target: float | None = None
    cheap: str = ""
    best: str = ""


REFERENCES = {
    ("mrpc", "accuracy"): Reference(0.77, ".730 word Jaccard", ".804 TF-KLD; .774 MT metrics"),
    ("mrpc", "F1"): Reference(0.842, ".822 word Jaccard", ".859 TF-KLD; .841 MT metrics"),
    ("sr-paraphrase", "accuracy"): Reference(0.775, ".744", ".78 people agree"),
    ("sr-paraphrase", "F1"): Reference(None, ".740"),
    ("pan-paraphrase", "accuracy"): Reference(0.93),
    ("ru-paraphraser two-class", "accuracy"): Reference(0.755, ".716 char-4 Jaccard", ".75"),
    ("ru-paraphraser two-class", "F1"): Reference(0.81, ".780 char-4 Jaccard", ".80"),
    ("sts-news headlines 2013", "Pearson"): Reference(0.78, ".670 char-4 Jaccard", ".78"),
    ("sts-news headlines 2014", "Pearson"): Reference(0.78, ".644 char-4 Jaccard", ".78"),
    ("sts-news headlines", "Pearson"): Reference(0.78),
    ("stsb-mt-headlines, mean", "Pearson"): Reference(0.70),
    ("assin", "Pearson"): Reference(0.70, ".667 char-4 Jaccard", ".70"),
    ("onestop-docs", "pair F1"): Reference(0.98, ".443 5-gram MinHash; .969 3-gram Jaccard >= .1"),
    ("clough-stevenson", "accuracy"): Reference(None, ".968 word Jaccard"),
    ("gva-news", "pair F1"): Reference(0.70, ".38-.62 TF-IDF average link; .04 MinHash"),
    ("gva-news", "ARI"): Reference(0.68),
    ("ecbplus", "ARI"): Reference(0.90, ".826 TF-IDF average link", ".965"),
    ("emergent-headlines", "ARI"): Reference(0.84, ".72-.82"),
    **{
        (f"googlenews-ts {name}", "ARI"): Reference(0.75, ".681" if view == "T" else "")
        for view, name in VIEWS.items()
    },
    ("semeval22-text es", "Pearson"): Reference(0.60, ".39 char-4 Jaccard", ".87"),
    ("semeval22-text fr", "Pearson"): Reference(0.60, ".53 char-4 Jaccard", ".87"),
    ("telegram-pairs", "F1"): Reference(0.82),
    ("all folds", "calibration error: rewrite_probability"): Reference(0.05),
    ("all folds", "calibration error: same_story_probability"): Reference(0.05),
}

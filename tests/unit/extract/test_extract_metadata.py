import json
from datetime import UTC, datetime

import pytest

from monitor.extract.article import extract_article
from monitor.model.articles import Article

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
URL = "https://courier.example/2026/11/shelter"
TEXT = "Inspectors of the labour ministry spoke with eleven residents of the shelter on Thursday. " * 4


def extract(head: str = "", body: str = "", title: str = "Shelter opens its doors") -> Article:
    page = (
        f"<!doctype html><html><head><title>{title}</title>{head}</head><body><article><h1>Shelter opens</h1>{body}"
        f"<p>{TEXT}</p></article></body></html>"
    )
    return extract_article(page.encode(), URL, "text/html", NOW)


def linked(*things: dict[str, object]) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@graph": things})}</script>'


def meta(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


@pytest.mark.parametrize(
    ("head", "title"),
    [
        (meta("og:title", "Rice &amp;amp; fish"), "Rice & fish"),
        (meta("og:title", "Prices rise - The Gazette") + meta("og:site_name", "The Gazette"), "Prices rise"),
        (meta("og:title", "Prices rise | courier.example"), "Prices rise"),
        (meta("og:title", "Prices rise - slowly") + meta("og:site_name", "The Gazette"), "Prices rise - slowly"),
        (meta("og:title", "The Gazette") + meta("og:site_name", "The Gazette"), "The Gazette"),
        (linked({"@type": "NewsArticle", "headline": "Prices rise"}), "Prices rise"),
        (meta("twitter:title", "Prices rise"), "Prices rise"),
        (meta("og:title", " "), "Shelter opens"),
        ("", "Shelter opens"),
    ],
)
def test_the_title_is_the_headline_without_its_outlet(head: str, title: str) -> None:
    assert extract(head).title == title


@pytest.mark.parametrize(
    ("head", "byline"),
    [
        (meta("author", "By Sok Theary"), "Sok Theary"),
        (meta("author", "Sok Theary and Chan Dara"), "Sok Theary; Chan Dara"),
        (meta("author", "Sok Theary") + meta("author", "Chan Dara"), "Sok Theary; Chan Dara"),
        (meta("author", "Sok, Theary"), "Sok, Theary"),
        (meta("author", "https://social.example/courier"), ""),
        (meta("author", "newsdesk1"), ""),
        (meta("author", "admin"), ""),
        (linked({"@type": "NewsArticle", "author": {"@type": "Person", "name": "Sok Theary"}}), "Sok Theary"),
        (
            linked({"@type": ["Thing", "Article"], "author": ["Sok Theary", {"name": ["Chan Dara"]}]}),
            "Sok Theary; Chan Dara",
        ),
        (
            linked({"@type": "Article", "author": {"@id": "#1"}}, {"@type": "Person", "@id": "#1", "name": "Theary"}),
            "Theary",
        ),
        (linked({"@type": "Article", "author": {"@type": "Organization", "name": "The Desk"}}), ""),
        (linked({"@type": "Article", "author": {"givenName": "Theary", "familyName": "Sok"}}), "Theary Sok"),
        (linked({"@type": "Comment", "author": "A Reader"}), ""),
        (linked({"@type": "Article", "author": 17}), ""),
        ("", ""),
    ],
)
def test_the_byline_is_who_wrote_it(head: str, byline: str) -> None:
    assert extract(head).byline == byline


@pytest.mark.parametrize(
    ("head", "outlet"),
    [
        (meta("og:site_name", "Riverbank Courier"), "Riverbank Courier"),
        (linked({"@type": "NewsArticle", "publisher": {"name": "Riverbank Courier"}}), "Riverbank Courier"),
        (
            meta("og:site_name", "courier") + linked({"@type": "Article", "publisher": {"name": "Riverbank Courier"}}),
            "Riverbank Courier",
        ),
        (
            meta("og:site_name", "The Courier")
            + linked({"@type": "Article", "publisher": {"name": "A Big Media Group"}}),
            "The Courier",
        ),
        (meta("og:site_name", "https://courier.example/"), "courier.example"),
        (linked({"@type": "WebSite", "name": "Riverbank Courier"}), "Riverbank Courier"),
        (meta("og:title", "Same words") + meta("application-name", "Same words"), "courier.example"),
        ("", "courier.example"),
    ],
)
def test_the_outlet_is_what_the_site_calls_itself(head: str, outlet: str) -> None:
    assert extract(head).outlet == outlet


@pytest.mark.parametrize(
    ("head", "body", "published_at"),
    [
        (
            linked(
                {"@type": "Article", "datePublished": "2026-11-20"},
                {"@type": "WebPage", "datePublished": "2026-11-20T09:30:00+07:00"},
            ),
            "",
            datetime(2026, 11, 20, 2, 30, tzinfo=UTC),
        ),
        (
            linked(
                {"@type": "Article", "datePublished": "2026-11-20"},
                {"@type": "WebPage", "datePublished": "2026-11-02T09:30:00+07:00"},
            ),
            "",
            datetime(2026, 11, 20, tzinfo=UTC),
        ),
        (
            linked(
                {"@type": "WebPage", "datePublished": "2019-01-01T00:00:00Z"},
                {"@type": "NewsArticle", "datePublished": "2026-11-20T01:00:00Z"},
            ),
            "",
            datetime(2026, 11, 20, 1, tzinfo=UTC),
        ),
        (meta("article:published", "2026-11-20T08:00:00.000Z"), "", datetime(2026, 11, 20, 8, tzinfo=UTC)),
        (
            (
                '<script type="application/ld+json">//<![CDATA[\n{"@type": "Article", '
                '"datePublished": "2026-11-20T01:00Z"}\n//]]></script>'
            ),
            "",
            datetime(2026, 11, 20, 1, tzinfo=UTC),
        ),
        (linked({"@type": "Article", "datePublished": "now"}), "", None),
    ],
)
def test_the_published_instant_is_the_articles_own_and_as_exact_as_stated(
    head: str, body: str, published_at: datetime | None
) -> None:
    assert extract(head, body).published_at == published_at


@pytest.mark.parametrize(
    ("head", "language"),
    [
        (meta("og:locale", "fr_FR"), "fr"),
        ('<meta http-equiv="Content-Language" content="en-GB">', "en"),
        (linked({"@type": "Article", "inLanguage": "en"}), "en"),
        (linked({"@type": "Article", "inLanguage": ["en"]}), ""),
    ],
)
def test_the_language_is_what_the_page_says_wherever_it_says_it(head: str, language: str) -> None:
    assert extract(head).language == language

from datetime import UTC, datetime

import pytest

from monitor.extract.article import extract_article

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SENTENCE = "Inspectors of the labour ministry spoke with eleven residents of the shelter on Thursday. "
BEGINNING = f"<p>{SENTENCE * 4}</p>"
WHOLE = "".join(f"<p>{number}. {SENTENCE * 4}</p>" for number in range(12))
LOCKED = '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": %s}</script>'
LOCKED_PART = (
    '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": false, '
    '"hasPart": {"@type": "WebPageElement", "isAccessibleForFree": false, "cssSelector": ".locked"}}</script>'
)
KHMER = "<p>" + "មន្ត្រីអធិការកិច្ចបានជួបអ្នកស្នាក់នៅក្នុងមណ្ឌលចំនួនដប់មួយនាក់នៅថ្ងៃព្រហស្បតិ៍។ " * 3 + "</p>"


def is_teaser(head: str, body: str) -> bool:
    page = (
        f"<!doctype html><html><head><title>Shelter</title>{head}</head><body><article>{body}</article></body></html>"
    )
    return extract_article(page.encode(), "https://gazette.example/shelter", "text/html", NOW).is_teaser


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (LOCKED % "false", BEGINNING),
        (LOCKED % '"False"', BEGINNING),
        (LOCKED_PART, BEGINNING),
        (LOCKED_PART, f'{BEGINNING}<div class="locked">Subscribe.</div>'),
        ('<meta name="article:content_tier" content="locked">', BEGINNING),
        ('<meta property="article:content_tier" content="metered">', f'{BEGINNING}<div id="regwall"></div>'),
        ("", f'{BEGINNING}<div class="article paywall">Already a subscriber? Log in.</div>'),
        ("", f'{BEGINNING}<div id="subscriber-only-box">Please register to go on.</div>'),
        ("", f"{BEGINNING}<p>Subscribe to continue reading.</p>"),
        ("", f"{BEGINNING}<p>Create an account or log in to read the full story.</p>"),
        ("", f"{BEGINNING}<p>This article is for subscribers only.</p>"),
        ("", f"{BEGINNING}<p>You have reached your limit of free articles.</p>"),
        ("", f"{BEGINNING}<p>Cet article est réservé aux abonnés.</p>"),
        ("", f"{KHMER}<p>សូម\u200bជាវ\u200bដើម្បី\u200bអាន\u200bបន្ត</p>"),
    ],
)
def test_a_page_that_shows_the_beginning_and_asks_for_more_is_a_teaser(head: str, body: str) -> None:
    assert is_teaser(head, body)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("", BEGINNING),
        ("", WHOLE),
        (LOCKED % "true", BEGINNING),
        (LOCKED % "false", WHOLE),
        (LOCKED_PART, f'{BEGINNING}<div class="locked"><p>{SENTENCE * 9}</p></div>'),
        ('<meta name="article:content_tier" content="free">', BEGINNING),
        ('<meta name="article:content_tier" content="metered">', BEGINNING),
        ('<meta name="article:content_tier" content="locked">', WHOLE),
        ("", f'{WHOLE}<div class="paywall">Already a subscriber? Log in.</div>'),
        ("", f'{BEGINNING}<div class="paywall" style="display: none">Subscribe to continue reading.</div>'),
        ("", f'{BEGINNING}<div class="paywall"></div>'),
        ("", f"{BEGINNING}<p>Subscribe to our newsletter, and read more news of the river.</p>"),
        ("", f"<p>Readers must subscribe to continue reading, the publisher said.</p>{WHOLE}"),
        ("", f'{BEGINNING}<p class="pianos">The pianos were sold, and buyers had to register.</p>'),
        ('<script type="application/ld+json">{"@type": "Product", "isAccessibleForFree": false}</script>', BEGINNING),
    ],
)
def test_a_page_that_may_be_whole_is_no_teaser(head: str, body: str) -> None:
    assert not is_teaser(head, body)


def test_a_selector_that_is_no_plain_class_is_passed_over() -> None:
    head = LOCKED_PART.replace(".locked", "//*[' or 1=1]")
    assert is_teaser(head, BEGINNING)

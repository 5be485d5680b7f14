"""A digest as its reader gets it: the mail is parsed back, and both its forms are read."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

import pytest
from lxml import html as lxml_html

from monitor.digest.compose import MAX_HTML_BYTES, MAX_MESSAGE_BYTES, compose_digest
from monitor.errors import ConfigurationError
from monitor.model.digesting import Coverage, Digest, SourceCoverage, WatchlistSection
from monitor.model.matching import Passage
from tests.unit.digest.samples import (
    KHMER,
    NOW,
    a_claim,
    a_coverage,
    a_hit,
    a_khmer_hit,
    a_passage,
    a_realistic_input,
    an_input,
)

EVIL_TITLES = [
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    '"><svg onload=alert(1)>',
    "{{7*7}}",
    "{% include '/etc/passwd' %}",
    "${7*7}",
    "</title></style><b id=evil>",
]


def parts_of(digest: Digest) -> tuple[EmailMessage, str, str]:
    """Parse a mail as its receiver does: the mail, its text, and the words of its HTML."""
    message = BytesParser(policy=policy.default).parsebytes(digest.message)
    plain, page = message.get_body(("plain",)), message.get_body(("html",))
    assert plain is not None
    assert page is not None
    return message, plain.get_content().replace("\r\n", "\n"), page.get_content()


def words_of(text: str) -> str:
    return " ".join(text.replace("> ", "").split())


def page_words(digest: Digest) -> str:
    body = lxml_html.fromstring(digest.html).find("body")
    assert body is not None
    return words_of(str(body.text_content()))


def both(digest: Digest) -> tuple[str, str]:
    """The words of the text part and of the HTML part, each on one line."""
    _, text, _ = parts_of(digest)
    return words_of(text), page_words(digest)


def test_both_parts_tell_the_same_hits_with_their_passages_links_and_terms() -> None:
    given = a_realistic_input()
    digest = compose_digest(given)
    for words in both(digest):
        for claim in given.watchlists[0].claims:
            assert claim.claim in words
            for hit in claim.hits:
                assert hit.headline in words
                assert hit.outlet in words
                assert all(passage.text in words for passage in hit.passages)
                assert all(term.term in words for term in hit.terms)
    for form in parts_of(digest)[1:]:
        assert all(hit.url in form for claim in given.watchlists[0].claims for hit in claim.hits)
    assert digest.hit_ids == (1, 2, 5, 3, 4, 6)


def test_the_mail_carries_exactly_the_html_and_text_that_the_digest_holds() -> None:
    digest = compose_digest(a_realistic_input())
    message, text, page = parts_of(digest)
    assert message.get_content_type() == "multipart/alternative"
    assert (text.rstrip(), page.replace("\r\n", "\n").rstrip()) == (digest.text.rstrip(), digest.html.rstrip())


def test_every_claim_is_told_as_somebodys_statement() -> None:
    digest = compose_digest(an_input(a_claim(a_hit()), a_claim(a_hit(2), said_by="", claim_key="other")))
    for words in both(digest):
        assert "Watched claim, as stated by VICE News and Al Jazeera" in words
        assert "Watched claim; who states it is not recorded" in words
        assert "A watched claim is somebody" in words


def test_the_same_input_gives_the_same_bytes() -> None:
    assert compose_digest(a_realistic_input()) == compose_digest(a_realistic_input())


def test_a_message_id_of_its_own_changes_nothing_but_the_header_and_the_boundary() -> None:
    other = compose_digest(replace(a_realistic_input(), message_id="<other@monitor.localhost>"))
    assert other.message != compose_digest(a_realistic_input()).message
    assert other.html == compose_digest(a_realistic_input()).html


def test_a_khmer_passage_arrives_whole_and_says_its_language() -> None:
    digest = compose_digest(an_input(a_claim(a_khmer_hit())))
    _, text, _ = parts_of(digest)
    quote = lxml_html.fromstring(digest.html).xpath("//blockquote")[0]
    assert quote.text_content() == KHMER
    assert quote.get("lang") == "km"
    assert [mark.text for mark in quote.iter("b")] == ["ចុះ\u200bបង្ក្រាប", "កាត់ដេរ"]
    assert f"      > {KHMER}\n" in text
    assert all("កាត់ដេរ (sewing)" in words and "Khmer" in words for words in both(digest))


def test_the_text_part_breaks_lines_for_a_narrow_window() -> None:
    _, text, _ = parts_of(compose_digest(an_input(*(a_claim(a_hit(n), claim_key=str(n)) for n in range(3)))))
    assert max(len(line) for line in text.split("\n")) <= 76


def test_an_article_under_two_claims_is_told_once_and_then_pointed_to() -> None:
    first, second = a_claim(a_hit(1)), a_claim(a_hit(2, url=a_hit(1).url), claim_key="other", claim="Another claim.")
    digest = compose_digest(an_input(first, second))
    for words in both(digest):
        assert len(re.findall(r"Also under .Women arrested", words)) == 1
        assert words.count(a_hit().passages[0].text) == 1
    assert digest.hit_ids == (1, 2)


def test_a_second_claim_adds_its_own_passage_of_the_same_article() -> None:
    passage, terms = a_passage("Two former trainees said they were never paid.", "never paid", start=500)
    second = a_claim(a_hit(2, url=a_hit(1).url, passages=(passage,), terms=terms), claim_key="other")
    for words in both(compose_digest(an_input(a_claim(a_hit(1)), second))):
        assert words.count(passage.text) == 1
        assert words.count(a_hit().passages[0].text) == 1


def test_hits_without_an_address_are_not_taken_for_one_article() -> None:
    for words in both(compose_digest(an_input(a_claim(a_hit(1, url=""), a_hit(2, url=""))))):
        assert "Also under" not in words


def test_passages_beyond_the_third_are_counted_beside_the_command_that_shows_them() -> None:
    passages = tuple(Passage(f"Sentence number {n}.", n * 100, n * 100 + 18) for n in range(5))
    for words in both(compose_digest(an_input(a_claim(a_hit(9, passages=passages, terms=()))))):
        assert "Sentence number 2." in words
        assert "Sentence number 3." not in words
        assert "and 2 more passages: monitor hits show 9" in words


def test_a_stance_is_told_only_where_there_is_one() -> None:
    denial = a_hit(1, stance="disputes")
    for words in both(compose_digest(an_input(a_claim(denial, a_hit(2))))):
        assert words.count("disputes the claim") == 1
        assert "unclear" not in words


def test_a_lead_says_that_its_text_could_not_be_had_and_is_counted_apart() -> None:
    digest = compose_digest(an_input(a_claim(a_hit(1), a_hit(2, is_lead=True, passages=(), score=1.0))))
    assert digest.subject.startswith("Monitor: 1 hit and 1 lead on 1 claim, 22 November 2026")
    for words in both(digest):
        assert words.count("Lead: the text could not be had") == 1
        assert words.index("Women held after raid 1") < words.index("Women held after raid 2")


def test_samples_are_marked_bannered_and_left_out_of_the_figures() -> None:
    digest = compose_digest(an_input(a_claim(a_hit(1, is_sample=True), a_khmer_hit(2, is_sample=True))))
    assert digest.subject.startswith("Monitor: 2 sample hits on 1 claim, ")
    for words in both(digest):
        assert "monitor sample remove" in words
        assert words.count("SAMPLE") >= 3
        assert "Nothing that was read bears on the 14 watched claims." in words


def test_real_hits_carry_no_sample_mark() -> None:
    digest = compose_digest(a_realistic_input())
    assert "sample" not in digest.text.lower()
    assert "sample" not in page_words(digest).lower()


def test_real_and_sample_hits_are_counted_apart() -> None:
    digest = compose_digest(an_input(a_claim(a_hit(1), a_hit(2, is_sample=True))))
    assert digest.subject.startswith("Monitor: 1 hit on 1 claim, 1 sample hit on 1 claim, 22 November 2026")


def test_the_coverage_line_counts_and_each_unread_source_has_its_reason() -> None:
    for words in both(compose_digest(a_realistic_input())):
        assert "Read 20 of 23 sources; 3 could not be read. 41 new articles, 2 whose text could not be had." in words
        assert "Did not answer in time: Silent Source 0 (last read 22 November 2026)" in words
        assert "Refused access (HTTP 403): never read yet: Silent Source 1" in words


def test_sample_sources_stay_out_of_the_coverage_figures() -> None:
    sources = (SourceCoverage("Newsroom", is_read=True, is_sample=True), *a_coverage().sources)
    for words in both(compose_digest(an_input(coverage=Coverage(sources, 1, 0)))):
        assert "Read 20 of 23 sources" in words
        assert "leave out 1 invented sample source" in words


def test_a_source_that_was_read_but_failed_since_is_named() -> None:
    sources = (SourceCoverage("Gazette", is_read=True, reason="timeout", last_good_at=NOW),)
    for words in both(compose_digest(an_input(coverage=Coverage(sources, 1, 0)))):
        assert "Read, but failed on the latest visit:" in words
        assert "Gazette" in words


@pytest.mark.parametrize(
    ("unread", "read", "expected"),
    [
        (0, 5, "Every watched source was read."),
        (3, 20, "3 sources could not be read: about what stands there, this silence says nothing."),
        (4, 0, "No source could be read, so this silence means nothing"),
        (0, 0, "No source is watched, so this silence means nothing"),
    ],
)
def test_a_digest_without_hits_says_what_its_silence_is_worth(unread: int, read: int, expected: str) -> None:
    digest = compose_digest(an_input(coverage=a_coverage(unread, read)))
    assert digest.subject.startswith("Monitor: no hits, ")
    assert ("no source could be read" in digest.subject) == (read == 0)
    assert digest.hit_ids == ()
    for words in both(digest):
        assert expected in words
        assert ("Nothing that was read bears on the 14 watched claims." in words) == (read > 0)


def test_an_old_silence_is_not_told_where_there_are_hits() -> None:
    assert all("silence" not in words for words in both(compose_digest(a_realistic_input())))


def test_times_are_the_readers_own_and_a_day_without_a_time_stays_that_day() -> None:
    hits = (a_hit(1), a_hit(2, published_at=datetime(2026, 11, 20, tzinfo=UTC)), a_hit(3, published_at=None))
    for words in both(compose_digest(an_input(a_claim(*hits), timezone="America/New_York"))):
        assert "21 November 2026, 04:40" in words
        assert re.search(r"20 November 2026(?!,)", words)
        assert "no date given, first seen 21 November 2026, 18:00" in words


def test_an_unknown_time_zone_is_a_setting_to_mend() -> None:
    with pytest.raises(ConfigurationError, match="Mars/Olympus"):
        compose_digest(an_input(timezone="Mars/Olympus"))


@pytest.mark.parametrize("evil", EVIL_TITLES)
def test_no_field_of_a_feed_or_an_operator_becomes_markup_or_template(evil: str) -> None:
    passage = Passage(evil, 0, len(evil))
    hit = a_hit(1, headline=evil, outlet=evil, language=evil, passages=(passage,), terms=())
    section = WatchlistSection(evil, (a_claim(hit, claim=evil, said_by=evil, claim_key=evil),), 0)
    coverage = Coverage((SourceCoverage(evil, is_read=False, reason=evil),), 0, 0)
    digest = compose_digest(an_input(watchlists=(section,), coverage=coverage))
    plain = compose_digest(an_input(watchlists=(replace(section, title="t"),), coverage=coverage))
    assert evil in page_words(digest)
    assert evil in words_of(digest.text)
    assert "49" not in digest.text
    elements = [element.tag for element in lxml_html.fromstring(digest.html).iter()]
    assert elements == [element.tag for element in lxml_html.fromstring(plain.html).iter()]
    assert not {"script", "img", "svg"} & set(map(str, elements))
    assert not re.search(r"<[^>]+\son\w+=", digest.html)


def test_a_watchlists_title_brings_no_header() -> None:
    section = WatchlistSection("=?utf-8?q?Hi=0D=0ABcc:_evil=40x=0D=0A=0D=0Abody?=\r\nX-Evil: 1", (), 3)
    message, _, _ = parts_of(compose_digest(an_input(watchlists=(section,))))
    assert set(message.keys()) == {
        *("From", "To", "Subject", "Date", "Message-ID", "List-Id", "Auto-Submitted", "Precedence"),
        *("Content-Language", "MIME-Version", "Content-Type"),
    }
    assert "Bcc" in str(message["Subject"])


def test_no_word_of_a_feed_stands_in_a_header() -> None:
    digest = compose_digest(an_input(a_claim(a_hit(headline="Zanzibar", outlet="Zanzibar", language="Zanzibar"))))
    message, text, _ = parts_of(digest)
    assert "Zanzibar" in text
    assert "Zanzibar" not in "".join(f"{name}: {value}" for name, value in message.items())


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,<b>x",
        "//ledger.newsroom.example/1",
        "https://good.newsroom.example@evil.example/",
        "http://good.newsroom.example\\@evil.example/",
        "https://",
        "https://ledger.newsroom.example/a b",
        "https://ledger.newsroom.example/" + "x" * 3000,
        "https://[oops",
        "",
    ],
)
def test_an_address_that_may_mislead_is_never_a_link(url: str) -> None:
    digest = compose_digest(an_input(a_claim(a_hit(7, url=url))))
    assert not lxml_html.fromstring(digest.html).xpath("//a")
    for words in both(digest):
        assert "No link that can be followed: monitor hits show 7" in words
        assert not url or url not in words


def test_a_link_shows_the_host_that_it_leads_to_and_tells_it_nothing() -> None:
    digest = compose_digest(an_input(a_claim(a_hit(url="https://newsrооm.example/1"))))
    link = lxml_html.fromstring(digest.html).xpath("//a")[0]
    assert link.get("rel") == "noopener noreferrer"
    assert "xn--newsrm-0qfa.example" in page_words(digest)


def test_the_html_loads_nothing_and_keeps_its_dark_colours() -> None:
    page = lxml_html.fromstring(compose_digest(a_realistic_input()).html)
    assert not page.xpath("//img | //link | //script | //iframe | //form | //*[@src] | //*[@background]")
    style = "".join(page.xpath("//style/text()"))
    assert "prefers-color-scheme" in style
    assert "url(" not in style + "".join(page.xpath("//@style"))
    assert "max-width:600px" in "".join(page.xpath("//table/@style")).replace(" ", "")


def test_ten_thousand_hits_stay_under_the_limit_and_every_one_is_counted() -> None:
    hits = tuple(a_khmer_hit(n) if n % 2 else a_hit(n) for n in range(10_000))
    digest = compose_digest(an_input(a_claim(*hits)))
    assert len(digest.message) <= MAX_MESSAGE_BYTES
    assert len(digest.html.encode()) <= MAX_HTML_BYTES
    assert set(digest.hit_ids) == set(range(10_000))
    for words in both(digest):
        told = words.count("ledger.newsroom.example") + words.count("khmer.newsroom.example")
        assert told == 20
        assert f"and {10_000 - told:,} more hits: monitor hits list --claim raids-to-garment-work" in words


def test_a_digest_that_would_be_too_long_tells_less_of_each_claim_and_counts_the_rest() -> None:
    claims = tuple(a_claim(*(a_khmer_hit(100 * c + n) for n in range(40)), claim_key=f"claim-{c}") for c in range(30))
    digest = compose_digest(an_input(*claims))
    assert len(digest.message) <= MAX_MESSAGE_BYTES
    for words in both(digest):
        told = words.count("Riverside Khmer")
        counted = sum(int(n) for n in re.findall(r"and (\d+) more hits: ", words))
        counted += sum(int(n) for n in re.findall(r"and (\d+) hits: monitor hits list --claim", words))
        assert 10 <= told < 600
        assert told + counted == 1200
        assert all(f"claim-{c}" in words for c in range(30))


@pytest.mark.parametrize("lists", [1, 600])
@pytest.mark.slow
def test_thousands_of_claims_with_long_texts_are_counted_and_stay_under_the_limit(lists: int) -> None:
    claims = tuple(
        a_claim(a_khmer_hit(n), claim=KHMER * 9, said_by=KHMER, claim_key=f"c{n}") for n in range(2400 // lists)
    )
    sections = tuple(WatchlistSection(KHMER * 4, claims, 1) for _ in range(lists))
    sources = tuple(SourceCoverage(KHMER * 3, is_read=False, reason=f"{KHMER}{n}") for n in range(900))
    digest = compose_digest(an_input(watchlists=sections, coverage=Coverage(sources, 0, 0)))
    assert len(digest.message) <= MAX_MESSAGE_BYTES
    for words in both(digest):
        assert "2,400 hits on 2,400 claims" in words
        told = sum(int(n.replace(",", "")) for n in re.findall(r"and ([\d,]+) hits? (?:on|:)", words))
        assert told + len(re.findall(r"and 1 hit: monitor hits list --claim", words)) == 2400


def test_a_digest_made_by_hand_says_so() -> None:
    assert all("does not use up the day" in words for words in both(compose_digest(an_input(kind="by_hand"))))
    assert all("does not use up the day" not in words for words in both(compose_digest(an_input())))


def test_lines_never_outgrow_smtp() -> None:
    hit = a_hit(headline="x" * 5000, passages=(Passage("y" * 20_000, 0, 20_000),), terms=())
    digest = compose_digest(an_input(a_claim(hit, a_khmer_hit())))
    assert max(len(line) for line in digest.message.split(b"\r\n")) <= 998
    assert b"\n" not in digest.message.replace(b"\r\n", b"")


def test_invisible_characters_of_a_feed_are_left_out() -> None:
    hit = a_hit(headline="before\u202eafter\x00\x07\u2028next\ud800")
    for words in both(compose_digest(an_input(a_claim(hit)))):
        assert "beforeafter next" in words


def test_the_newest_day_comes_first_and_the_best_match_within_it_and_at_the_end_what_is_unlikely() -> None:
    old = a_hit(1, published_at=datetime(2026, 11, 2, 3, tzinfo=UTC), score=1.0)
    unlikely, weak, strong = a_hit(2, score=0.2), a_hit(3, score=0.4), a_hit(4, score=0.9)
    for words in both(compose_digest(an_input(a_claim(old, unlikely, weak, strong)))):
        places = [words.index(f"Women held after raid {n}") for n in (4, 3, 1, 2)]
        assert places == sorted(places)


def test_the_day_is_written_so_that_nobody_mistakes_the_month() -> None:
    digest = compose_digest(an_input(digest_on=date(2026, 3, 4)))
    assert "4 March 2026" in digest.subject
    assert all("Wednesday, 4 March 2026" in words for words in both(digest))

"""Versions of watchlists and revisions of claims."""

from dataclasses import replace

from sqlalchemy import text

from monitor.store.engine import Archive
from monitor.store.hits import claim_exists
from monitor.store.watchlists import live_watchlists
from tests.unit.store.archives import a_claim, apply


def revisions(archive: Archive) -> int:
    with archive.reading() as connection:
        return int(connection.execute(text("SELECT count(*) FROM claim_revisions")).scalar() or 0)


def test_applying_the_same_document_again_makes_no_version(archive: Archive) -> None:
    apply(archive)
    apply(archive)
    assert [live.number for live in live_watchlists(archive)] == [1]


def test_a_changed_comment_makes_a_version_but_no_claim_revision(archive: Archive) -> None:
    apply(archive, document="one")
    apply(archive, document="one # with a comment")
    assert live_watchlists(archive)[0].number == 2
    assert revisions(archive) == 1


def test_changed_terms_make_a_claim_revision(archive: Archive) -> None:
    apply(archive, document="one")
    before = live_watchlists(archive)[0].claims[0]
    apply(archive, a_claim(fingerprint="f2"), document="two")
    after = live_watchlists(archive)[0].claims[0]
    assert before.claim_id == after.claim_id
    assert before.claim_revision_id != after.claim_revision_id


def test_terms_that_change_back_are_judged_anew(archive: Archive) -> None:
    for number, fingerprint in enumerate(("f1", "f2", "f1")):
        apply(archive, a_claim(fingerprint=fingerprint), document=str(number))
    assert revisions(archive) == 3


def test_a_claim_that_is_taken_out_stops_judging_and_stays_known(archive: Archive) -> None:
    apply(archive, a_claim("one"), a_claim("two"), document="both")
    apply(archive, a_claim("two"), document="one less")
    assert [claim.identifier for claim in live_watchlists(archive)[0].claims] == ["list/two"]
    assert claim_exists(archive, "one")
    assert claim_exists(archive, "list/one")
    assert not claim_exists(archive, "other/one")


def test_who_said_it_is_shown_as_last_written(archive: Archive) -> None:
    apply(archive, document="one")
    apply(archive, replace(a_claim(), said_by="A corrected name"), document="two")
    with archive.reading() as connection:
        assert connection.execute(text("SELECT said_by FROM claims")).scalar() == "A corrected name"
    assert revisions(archive) == 1

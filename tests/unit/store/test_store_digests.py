"""What a subscription is told, once."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import cast

import pytest
from sqlalchemy import text

from monitor.model.archiving import HealthEvent, LiveClaim, StoredHit
from monitor.model.digesting import Coverage, Digest
from monitor.model.mailing import MailRecord, SubscriptionSpec
from monitor.store.archive import record_article
from monitor.store.digests import last_digest, preview_digest, write_digest
from monitor.store.engine import Archive
from monitor.store.entries import claim_entries
from monitor.store.outbox import list_mail
from monitor.store.subscriptions import list_subscriptions, put_subscription
from tests.unit.store.archives import NOW, a_read, add_source, an_entry, apply, claims_of, poll

TODAY = date(2026, 11, 22)


class Composer:
    """Composes nothing but the list of what it was given."""

    def __init__(self) -> None:
        self.told: list[int] = []
        self.coverage: Coverage | None = None
        self.events: tuple[HealthEvent, ...] = ()
        self.since: datetime | None = None

    def __call__(
        self, hits: list[StoredHit], coverage: Coverage, events: tuple[HealthEvent, ...], since: datetime | None
    ) -> Digest:
        self.told = [hit.line.hit_id for hit in hits]
        self.coverage, self.events, self.since = coverage, events, since
        return Digest("subject", b"bytes", "<p>", "text", tuple(self.told))


@pytest.fixture
def archive(archive: Archive) -> Archive:
    apply(archive)
    put_subscription(archive, SubscriptionSpec("local", "files", "07:00", "UTC"), NOW)
    return archive


def bring_hits(archive: Archive, *numbers: int) -> None:
    source = add_source(archive)
    poll(archive, source, *(an_entry(number) for number in numbers))
    claims = cast("Mapping[str, LiveClaim]", claims_of(archive))
    for entry in claim_entries(archive, NOW):
        record_article(archive, a_read(entry.id, int(entry.entry.url.rsplit("/", 1)[1])), claims)


def subscription(archive: Archive) -> SubscriptionSpec:
    return list_subscriptions(archive)[0]


def owed_mail(archive: Archive) -> list[MailRecord]:
    return list_mail(archive, in_states=("queued",))


def test_a_hit_is_told_in_one_digest_and_in_no_later_one(archive: Archive) -> None:
    bring_hits(archive, 1, 2)
    first, second = Composer(), Composer()
    assert write_digest(archive, subscription(archive), TODAY, NOW, "local-1", first)
    bring_hits(archive, 3)
    assert write_digest(archive, subscription(archive), TODAY + timedelta(days=1), NOW, "local-2", second)
    assert len(first.told) == 2
    assert len(second.told) == 1
    assert not set(first.told) & set(second.told)
    assert second.since == NOW


def test_a_date_has_one_digest_and_a_second_attempt_tells_nothing(archive: Archive) -> None:
    bring_hits(archive, 1)
    assert write_digest(archive, subscription(archive), TODAY, NOW, "local-1", Composer())
    bring_hits(archive, 2)
    assert not write_digest(archive, subscription(archive), TODAY, NOW, "local-1", Composer())
    later = Composer()
    preview_digest(archive, subscription(archive), NOW, later)
    assert len(later.told) == 1
    assert len(owed_mail(archive)) == 1


def test_a_preview_uses_nothing_up(archive: Archive) -> None:
    bring_hits(archive, 1)
    for _ in range(2):
        composer = Composer()
        preview_digest(archive, subscription(archive), NOW, composer)
        assert len(composer.told) == 1
    assert last_digest(archive, subscription(archive).id, NOW) is None


def test_a_digest_whose_composing_fails_tells_nothing_and_owes_nothing(archive: Archive) -> None:
    bring_hits(archive, 1)

    def fail(*_given: object) -> Digest:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_digest(archive, subscription(archive), TODAY, NOW, "local-1", fail)
    assert last_digest(archive, subscription(archive).id, NOW) is None
    assert owed_mail(archive) == []


def test_coverage_tells_sources_read_from_sources_failed_and_never_visited(archive: Archive) -> None:
    bring_hits(archive, 1)
    add_source(archive, "https://other.example/feed.xml")
    composer = Composer()
    preview_digest(archive, subscription(archive), NOW, composer)
    assert composer.coverage
    assert [source.is_read for source in composer.coverage.sources] == [True, False]
    assert (composer.coverage.new_articles, composer.coverage.unread_articles) == (1, 0)


def test_sample_articles_stay_out_of_the_figures(archive: Archive) -> None:
    bring_hits(archive, 1)
    with archive.writing() as connection:
        connection.execute(text("UPDATE articles SET is_sample = true"))
    composer = Composer()
    preview_digest(archive, subscription(archive), NOW, composer)
    assert composer.coverage
    assert composer.coverage.new_articles == 0


def test_a_subscription_of_one_name_is_one_and_follows_its_settings(archive: Archive) -> None:
    spec = SubscriptionSpec("local", "files", "09:00", "Asia/Phnom_Penh")
    assert not put_subscription(archive, spec, NOW)
    stored = list_subscriptions(archive)
    assert [(one.send_at, one.timezone) for one in stored] == [("09:00", "Asia/Phnom_Penh")]

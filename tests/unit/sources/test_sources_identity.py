"""Which entry is which."""

from monitor.model.entries import Entry
from monitor.sources.identity import key_entries


def test_a_guid_that_entries_share_tells_nothing_and_their_addresses_do() -> None:
    keyed = key_entries(Entry("same", f"https://gazette.example/{number}", "t") for number in range(3))
    assert len({entry.entry_key for entry in keyed}) == 3


def test_one_entry_listed_twice_is_one() -> None:
    first = Entry("a", "https://gazette.example/1?utm_source=x", "t")
    assert [entry.url_key for entry in key_entries([first, first])] == ["gazette.example/1"]


def test_an_entry_keeps_its_key_whatever_else_the_document_lists() -> None:
    one, other = Entry("a", "https://gazette.example/1", "t"), Entry("b", "https://gazette.example/2", "t")
    assert key_entries([one])[0].entry_key == key_entries([other, one])[1].entry_key

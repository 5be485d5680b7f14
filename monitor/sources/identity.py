"""Decide which entry is which. Pure.

In: the entries of one document. Out: each with its identities. Never: trusts a guid that several entries share.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable

from monitor.model.archiving import KeyedEntry
from monitor.model.entries import Entry
from monitor.text.urls import is_message_url, url_key


def key_entries(entries: Iterable[Entry]) -> tuple[KeyedEntry, ...]:
    """Return the entries with their keys, each key once.

    The key hashes guid and URL; the URL alone where the guid is empty or shared within the document, as some feeds
    give every entry one guid; the guid alone for mail, whose URL changes when its folder is renumbered.
    """
    listed = list(entries)
    guids = Counter(entry.guid for entry in listed)
    keyed: dict[str, KeyedEntry] = {}
    for entry in listed:
        article_key = url_key(entry.url)
        guid = entry.guid if guids[entry.guid] == 1 else ""
        address = "" if guid and is_message_url(entry.url) else article_key
        entry_key = hashlib.sha256(f"{guid}\0{address}".encode("utf-8", "replace")).hexdigest()
        keyed.setdefault(entry_key, KeyedEntry(entry, entry_key, article_key))
    return tuple(keyed.values())

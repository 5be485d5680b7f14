"""Hostile documents: bombs, doors to files and addresses, tricks, depths, and what is no feed at all (#32 to #42).

In: the canary's file and an address inside, where a document tries to open one. Out: documents by name. The readers at
the end run in a parser's child in the place of the real ones, and die of the documents that say so.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path

from monitor.extract import child
from monitor.model.archiving import SourceKind
from monitor.model.articles import Article
from monitor.model.entries import Listing
from monitor.model.fetching import Fetched

ITEM = "<item><title>Nothing new</title><link>/article</link></item>"
MEGABYTE = 1_000_000
TELLING = "The workers of the pier were locked in a shed over night, a clerk of the harbour said on Monday. "


def rss(body: str, before: str = "") -> bytes:
    """Return a feed with the items as they stand, behind a prolog as it stands."""
    return f'{before}<rss version="2.0"><channel><title>T</title>{body}</channel></rss>'.encode()


def entities(declared: str, used: str = "&a;") -> bytes:
    """Return a feed that declares entities and uses one in a title."""
    return rss(f"<item><title>{used}</title><link>/article</link></item>", f"<!DOCTYPE rss [{declared}]>")


_LAUGHS = "".join(
    f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("bcdefghi", "cdefghia", strict=True)
)
BOMBS: dict[str, bytes] = {
    "billion laughs": entities(f'<!ENTITY b "ha">{_LAUGHS}'),
    "quadratic blow-up": entities(f'<!ENTITY a "{"x" * 100_000}">', "&a;" * 20_000),
    "parameter entities": entities('<!ENTITY % p "<!ENTITY a &#39;x&#39;>"> %p;'),
    "entities that name each other": entities('<!ENTITY a "&b;"><!ENTITY b "&a;">'),
    "in UTF-16": f"<?xml version='1.0' encoding='utf-16'?>{entities(_LAUGHS).decode()}".encode("utf-16"),
    "20,000 entities": entities("".join(f'<!ENTITY a{number} "x">' for number in range(20_000)), "x"),
}


def doors(file: Path, origin: str) -> dict[str, tuple[bytes, str]]:
    """Return feeds that would have their reader open a file or an address, and the reason that each shows (#33)."""
    to_file, to_inside = f"file://{file}", f"{origin}/x.dtd"
    include = f"<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='{to_file}' parse='text'/>"
    sheet = f"<?xml-stylesheet type='text/xsl' href='{to_inside}'?>"
    schema = f"xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:schemaLocation='x {to_inside}'"
    return {
        "a file as an entity": (entities(f'<!ENTITY a SYSTEM "{to_file}">'), "bad_feed"),
        "an address as an entity": (entities(f'<!ENTITY a SYSTEM "{to_inside}">'), "bad_feed"),
        "a public entity": (entities(f'<!ENTITY a PUBLIC "x" "{to_inside}">'), "bad_feed"),
        "a parameter entity": (entities(f'<!ENTITY % p SYSTEM "{to_inside}"> %p;', "x"), "bad_feed"),
        "an outer DTD": (rss(ITEM, f'<!DOCTYPE rss SYSTEM "{to_inside}">'), ""),
        "XInclude": (rss(f"<item><title>{include}</title><link>/article</link></item>"), ""),
        "a style sheet": (rss(ITEM, sheet), ""),
        "a schema": (rss(ITEM).replace(b"<rss ", f"<rss {schema} ".encode()), ""),
    }


def page_doors(file: Path, origin: str) -> dict[str, str]:
    """Return article pages that would have their reader open a file or an address (#33)."""
    to_file, to_inside = f"file://{file}", f"{origin}/x"
    text = f"<p>{TELLING * 8}</p>"
    frames = f"<iframe src='{to_inside}'></iframe><object data='{to_file}'></object>"
    refresh = f"<meta http-equiv=refresh content='0;url={to_inside}'>"
    xhtml = f"<html xmlns='http://www.w3.org/1999/xhtml'><body><p>&a;</p>{text}</body></html>"
    return {
        "an entity": f"<!DOCTYPE html [<!ENTITY a SYSTEM '{to_file}'>]>{xhtml}",
        "an entity behind a prolog": f"<?xml version='1.0'?><!DOCTYPE html [<!ENTITY a SYSTEM '{to_inside}'>]>{xhtml}",
        "an outer DTD": f"<!DOCTYPE html SYSTEM '{to_inside}'><html><body>{text}</body></html>",
        "XInclude": f"<html><xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='{to_file}'/>{text}</html>",
        "a frame": f"<html><body>{frames}{text}</body></html>",
        "a base": f"<html><head><base href='{to_inside}'></head><body>{text}<img src='x'></body></html>",
        "a refresh": f"<html><head>{refresh}</head><body>{text}</body></html>",
        "a canonical address": f"<html><head><link rel=canonical href='{to_inside}'></head><body>{text}</body></html>",
    }


def openings(file: Path, origin: str) -> dict[str, bytes]:
    """Return bodies that are a path or a URL, which some feed readers open (#34)."""
    return {
        "a path": str(file).encode(),
        "a path and a line end": f"{file}\n".encode(),
        "a file's URL": f"file://{file}".encode(),
        "an address": f"{origin}/feed.xml".encode(),
        "an address in UTF-16": f"{origin}/feed.xml".encode("utf-16"),
        "another scheme": f"feed:{origin}/feed.xml".encode(),
    }


TRICKS: dict[str, str] = {
    "comments": "&lt;!--",
    "entities": "&amp;amp;",
    "links": "&lt;a ",
    "sections": "&lt;![CDATA[",
    "styles": "&lt;style&gt;",
}
"""What made a sanitiser quadratic, to be repeated up to a megabyte (#35)."""


def repeated(trick: str) -> bytes:
    """Return a feed whose one summary is a megabyte of a trick."""
    trap = trick * (MEGABYTE // len(trick))
    return rss(f"<item><title>T</title><link>/article</link><description>{trap}</description></item>")


def nested(opening: str, closing: str, depth: int) -> str:
    """Return markup nested so deep."""
    return opening * depth + "x" + closing * depth


DEPTHS: dict[str, bytes] = {
    "20,000 elements of XML": rss(
        f"<item><link>/article</link><description>{nested('<a>', '</a>', 20_000)}</description></item>"
    ),
    "20,000 escaped divs": rss(
        f"<item><link>/article</link><description>{nested('&lt;div&gt;', '', 20_000)}</description></item>"
    ),
    "20,000 items in items": rss(nested("<item>", "</item>", 20_000)),
    "200,000 lists of JSON": b'{"version": "https://jsonfeed.org/version/1", "items": ' + b"[" * 200_000,
}
"""Feeds (#36)."""

PAGE_DEPTHS: dict[str, str] = {
    "100,000 divs": nested("<div>", "", 100_000),
    "10,000 tables": nested("<table><tr><td>", "", 10_000),
    "20,000 closed spans": nested("<span>", "</span>", 20_000),
    "1,000 blockquotes": nested("<blockquote>", "</blockquote>", 1_000),
}
"""Article pages (#36)."""

NO_FEEDS: dict[str, bytes] = {
    "nothing": b"",
    "a page": b"<!doctype html><html><head><title>No feed</title></head><body><p>Hello</p></body></html>",
    "JSON": json.dumps({"error": "no such feed"}).encode(),
    "PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj<<>>endobj\n%%EOF",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40,
    "a ZIP": b"PK\x03\x04" + bytes(300),
    "one byte": b"x",
    "a byte order mark": b"\xef\xbb\xbf",
    "spaces": b" " * 4_500_000,
    "XML of another kind": b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>",
}
"""#39."""

ODD_ITEMS: dict[str, tuple[str, str | None]] = {
    "no title": ("<link>/no-title</link>", "/no-title"),
    "an empty title": ("<title></title><link>/empty-title</link>", "/empty-title"),
    "no link but a guid that is one": ("<title>A</title><guid>{origin}/guid</guid>", "/guid"),
    "no link at all": ("<title>A</title>", None),
    "a link of blanks": ("<title>A</title><link>  </link>", None),
    "no guid": ("<title>A</title><link>/no-guid</link>", "/no-guid"),
    "an empty guid": ("<title>A</title><link>/empty-guid</link><guid></guid>", "/empty-guid"),
    "a relative link": ("<title>A</title><link>relative</link>", "/relative"),
    "a link up": ("<title>A</title><link>../../../up</link>", "/up"),
    "a link without a scheme": ("<title>A</title><link>//{authority}/scheme</link>", "/scheme"),
    "a link with a password": ("<title>A</title><link>http://a:b@{authority}/password</link>", None),
    "a script": ("<title>A</title><link>javascript:alert(1)</link>", None),
    "a file": ("<title>A</title><link>file:///etc/passwd</link>", None),
    "a base of its own": ("<title>A</title><link xml:base='{origin}/deep/'>base</link>", "/deep/base"),
}
"""What is in an item, and the path of what is stored; None where it can't be used (#41)."""

CHARACTERS: dict[str, str] = {
    "a NUL": "A&#0;B",
    "control characters": "A&#1;&#7;&#27;[31mB",
    "control characters as they are": "A\x01\x07\x1b[31mB",
    "C1": "A\x85\x9bB",
    "a lone surrogate": "A&#xD800;B",
    "no character": "A&#xFFFF;&#x110000;B",
    "a turn to the left": "A\u202egnp.exe\u202cB",
    "isolates": "A\u2066\u2067\u2068\u2069B",
    "joiners": "A" + "\u200d" * 20_000 + "B",
    "zalgo": "A" + "\u0301\u0316" * 10_000 + "B",
    "a megabyte": "A" * MEGABYTE,
    "a line separator": "A\u2028\u2029B\r\nC",
}
"""Titles (#42)."""

DEATHS: dict[str, tuple[Callable[[], object], str]] = {
    "abort": (os.abort, "parser_killed"),
    "memory": (lambda: bytearray(4 << 30), "parser_killed"),
    "a loop": (lambda: sum(range(10**15)), "parser_timeout"),
    "a fork bomb": (os.fork, "parser_killed"),
    "an exit": (lambda: os._exit(3), "parser_killed"),
    "a huge answer": (lambda: None, "parser_killed"),
}
"""What a parser may do of a document, and the reason that it shows (#37)."""


def read_or_die(fetched: Fetched, kind: SourceKind, links: str) -> Listing:
    """Read a listing; of a document that names a death, die."""
    return child.read_listing(fetched, kind, links) if _live(fetched) else Listing("x" * (80 << 20), "")


def extract_or_die(fetched: Fetched) -> Article:
    """Read an article; of a document that names a death, die."""
    return child.read_article(fetched) if _live(fetched) else Article(fetched.url, "A", "x" * (80 << 20))


def _live(fetched: Fetched) -> bool:
    name = fetched.content[:100].decode("latin-1").removeprefix("die of ")
    if name in DEATHS:
        DEATHS[name][0]()
    return name not in DEATHS

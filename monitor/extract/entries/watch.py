"""Read a page whose own text is watched: it has one entry, and a new one when its words change.

In: a response. Out: Listing. Never: a change where only numbers, dates, spaces or letters' case differ. To be called
in a supervised child.
"""

import re
from hashlib import sha256

from monitor.extract.document import extract_document
from monitor.model.entries import Entry, Listing
from monitor.model.fetching import Fetched
from monitor.text.normalise import fold

_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november"),
    *("december", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sept", "sep", "oct", "nov", "dec"),
    *("janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre", "octobre", "novembre"),
    *("decembre", "មករា", "កុម្ភៈ", "មីនា", "មេសា", "ឧសភា", "មិថុនា", "កក្កដា", "សីហា", "កញ្ញា", "តុលា", "វិច្ឆិកា", "ធ្នូ"),
)
_DAYS = (
    *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    *("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    *("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
)
_MONTH = "|".join(sorted(map(fold, _MONTHS), key=len, reverse=True))
_DAY = "|".join(_DAYS)
_KHMER_MONTH_WORD = fold("ខែ")
_DATE = re.compile(
    rf"(?:\b(?:{_DAY})[.,]? )?(?<!\d)\d++(?:st|nd|rd|th)?[ .,/-]{{0,2}}(?:{_KHMER_MONTH_WORD} ?)?(?:{_MONTH})(?![a-z])"
    rf"|(?:\b(?:{_DAY})[.,]? )?(?<![a-z])(?:{_MONTH})[ .,/-]{{1,2}}\d++(?:st|nd|rd|th)?"
    r"|(?<!\d)\d++ ?(?:am|pm)\b"
)
_NO_LETTER = re.compile(r"[^\w\u1780-\u17d3\u0300-\u0dff\u0e00-\u0fff\u1000-\u109f]|[\d_]")


def read_watched(fetched: Fetched) -> Listing:
    """Read a page or document that is watched for change. Raises NotAnArticle where it holds no text.

    Its one entry has the page's canonical URL, and as guid a fingerprint of its words.
    """
    page = extract_document(fetched)
    entry = Entry(guid=fingerprint(page.text), url=page.canonical_url, title=page.title, language=page.language)
    return Listing(title=page.title, language=page.language, entries=(entry,))


def fingerprint(text: str) -> str:
    """Return the SHA-256 (hex) of a text's words, blind to dates, digits, punctuation, white space and case."""
    return sha256(_NO_LETTER.sub("", _DATE.sub(" ", fold(text))).encode()).hexdigest()

"""What searching the archive takes and gives."""

from dataclasses import dataclass

from monitor.model.matching import Passage


@dataclass(frozen=True, slots=True)
class SearchedArticle:
    """What of an article is searched; `url` and `language` are what `site:` and `lang:` ask for."""

    title: str
    text: str
    outlet: str = ""
    byline: str = ""
    url: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class MarkedPassage:
    """A passage and the spans in its text where something that was looked for stands."""

    passage: Passage
    marks: tuple[tuple[int, int], ...]

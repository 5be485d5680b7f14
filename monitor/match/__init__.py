"""Matching of articles to claims. In: MatchInput. Out: Assessments. Never: reads the archive, or asks a network."""

from monitor.match.matcher import Matcher
from monitor.match.opinions import with_opinions
from monitor.match.sides import with_stances

__all__ = ["Matcher", "with_opinions", "with_stances"]

"""Matching of articles to claims. In: MatchInput. Out: Assessments. Never: reads the archive, or asks a network."""

from monitor.match.matcher import Matcher

__all__ = ["Matcher"]

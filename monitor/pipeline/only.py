"""Whether an entry of a world-wide feed concerns us, by the source's `only` query over its title and summary."""

from monitor.match import Matcher
from monitor.model.matching import MatchInput
from monitor.model.watching import Claim
from monitor.watchlist.query import parse_query


class OnlyFilter:
    """Compiled `only` queries, each once."""

    def __init__(self) -> None:
        self._matchers: dict[str, Matcher] = {}

    def admits(self, only: str, title: str, summary: str) -> bool:
        """Say whether the text satisfies the query; an empty query admits everything."""
        if not only:
            return True
        matcher = self._matchers.get(only)
        if matcher is None:
            claim = Claim("only", "", "", parse_query(only, {}, has_facts=False), None, "")
            matcher = self._matchers[only] = Matcher([("only", claim)])
        return bool(matcher.find_holding(MatchInput(title, summary)))

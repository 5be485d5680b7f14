"""What keeps that which was fetched from being read or compared."""

from monitor.errors.families import Rejected, Retryable


class NotAFeed(Rejected):
    """What came is not a feed."""

    reason = "not_a_feed"


class BadFeed(Rejected):
    """What came is a feed that can't be read."""

    reason = "bad_feed"


class NotAnArticle(Rejected):
    """The page gave no article text."""

    reason = "empty"


class SearchRefused(Rejected):
    """A search answers with a remark in the place of results."""

    reason = "search_refused"


class BadSelector(Rejected):
    """A page's links can't be picked with the source's selector."""

    reason = "bad_selector"


class ParserTimeout(Rejected):
    """The parser took longer than its limit and was ended."""

    reason = "parser_timeout"


class ParserKilled(Rejected):
    """The parser crashed or outgrew its memory; only this document failed."""

    reason = "parser_killed"


class ParsersUnavailable(Retryable):
    """The processes that read documents don't start, or are being stopped; no document is at fault."""

    reason = "parsers_unavailable"


class EncoderUnavailable(Retryable):
    """The encoder of meanings doesn't answer; what waits for it is judged on its terms till it does."""

    reason = "encoder_unavailable"

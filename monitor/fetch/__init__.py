"""Fetch: the one door out to the network.

In: FetchRequest. Out: Fetched or NotModified, or a failure that says what to do.
Never: connects to an address that the guard did not pass.
"""

from monitor.fetch.client import FetchLimits, HttpClient
from monitor.fetch.connect import resolve_host
from monitor.fetch.guard import CheckedUrl, check_address, check_port, check_url
from monitor.fetch.newsroom import NewsroomTransport
from monitor.fetch.pace import Pace

__all__ = [
    "CheckedUrl",
    "FetchLimits",
    "HttpClient",
    "NewsroomTransport",
    "Pace",
    "check_address",
    "check_port",
    "check_url",
    "resolve_host",
]

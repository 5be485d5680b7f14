"""Extraction: bytes that nobody vouches for become entries and articles.

In: a response's content, its URL and content type. Out: Listing or Article. Never: the network, the archive, or a
parse outside a supervised child (`sandbox`).
"""

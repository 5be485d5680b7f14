"""Watchlist documents. In: YAML text. Out: Watchlist. Never: opens a file, or guesses what a query means."""

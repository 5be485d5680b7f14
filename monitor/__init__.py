"""Monitor watches the news for what bears on a published story's claims."""

__version__ = "0.1.0"

"""Work that runs by itself: what wakes it, and how it ends."""

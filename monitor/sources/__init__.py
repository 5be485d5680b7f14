"""Sources: the starter list, when each is due, and which entry is which."""

"""Sources: the list of them, when each is due, what is wrong with it, and which entry is which."""

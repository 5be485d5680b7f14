"""What makes the files that the package ships: the static table, the background, idf and the weights of the score."""

"""The command line: reads what is typed, calls operations, and shows what they give."""

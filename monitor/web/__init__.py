"""The two pages that readers and their mail programs reach, behind the operator's own web server."""

"""The HTML page of a compared result."""

"""Putting a world together and running it: one run in Mesa, many runs compiled."""

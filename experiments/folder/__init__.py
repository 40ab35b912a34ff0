"""A result folder: its manifest, how it is opened, checked, replayed and archived."""

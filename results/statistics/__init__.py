"""Statistics on tables: no experiment, no folder, no figure."""

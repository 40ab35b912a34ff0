"""Running an experiment: shards and their ledger, and where they run."""

"""Kinds of statistics over runs, by the prefix that they have in names such as `p90_public_meur`."""

KINDS: dict[str, float | None] = {"mean": None} | {f"p{percent}": percent / 100 for percent in (5, 10, 25, 50, 75, 90, 95)}

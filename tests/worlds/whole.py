"""A library cluster with its plants whole: no units, nothing in hand, no buyers, no limited resources."""

import re

from clusterpact.sim.scenario import BESIDE, CLUSTERS, OWN_OWNERS, OWN_PRICES, read_scenario


def whole(name, folder):
    """The scenario of a library cluster without what stands beside its plants; folder: an empty place for its files."""
    for path in (CLUSTERS / name).iterdir():
        if path.name not in BESIDE or path.name in (OWN_PRICES, OWN_OWNERS):
            (folder / path.name).write_bytes(path.read_bytes())
    text = (folder / "cluster.toml").read_text(encoding="utf-8")
    text = re.sub(r"(?ms)^\[\[resource\]\]\n.*?(?=^\[|\Z)", "", text)
    (folder / "cluster.toml").write_text(text, encoding="utf-8")
    return read_scenario(folder)

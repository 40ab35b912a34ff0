"""What tests of the account add to a cluster's file."""

FACTORS = """
[[grid_factor]]
year = 2020
t_per_mwh = 0.10
source = "made up"
mark = "published"

[[grid_factor]]
year = 2030
t_per_mwh = 0.05
source = "made up"
mark = "derived"
"""
ROADMAP = """
[[roadmap]]
association = "Kilns"
sectors = ["cement", "lime"]
milestones = { 2030 = 0.2, 2060 = 1.0 }
source = "made up"
mark = "published"
"""


def add(folder, text):
    """The folder, a text added to its `cluster.toml`."""
    with (folder / "cluster.toml").open("a", encoding="utf-8") as file:
        file.write(text)
    return folder

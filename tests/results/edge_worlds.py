"""Worlds at the edge of what a user may write: edits of the starter, and names that are hard to print, to draw or to cut."""

import re

from tests.cli.mistakes.edits import CLUSTER, EXPERIMENT, FIRMS, PROJECTS, both, drop_tables, first_row_only, horizon, remove

HUNDRED = "a pact with guarantees and contracts for all plants of the whole region by a sea, variant number 1x"
HOSTILE = (
    "current-policies", HUNDRED, HUNDRED.replace("1x", "2x"), "$x^{$", "_under_ & <b>bold</b> 100 % \\\\ \\frac", "=1+1",
    "鉄鋼の町の大きな工場と新しい技術のための長い名前を持つ政策", "سياسة المناخ الجديدة", "🏭 🌍", "מדיניות", "x" * 100,
)  # fmt: skip


def policies(*names):
    """An experiment of these policies: the law, and variants of the pact by their names."""

    def edit(folder):
        path = folder / EXPERIMENT
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"policies = \[.*\]", 'policies = ["current-policies"]', text)
        head, _, rest = text.partition("[[policy]]")
        targets = rest[rest.index("[targets]") :] if "[targets]" in rest else ""
        for k, name in enumerate(name for name in names if name != "current-policies"):
            head += f"[[policy]]\nname = '{name}'\nbase = \"pact\"\ngrant_share = {0.01 * k}\n\n"
        path.write_text(head + targets, encoding="utf-8")

    return edit


def named(place, names):
    """Other names of a file's things, in their order."""

    def edit(folder):
        path = folder / place
        lines, rest = path.read_text(encoding="utf-8").splitlines(), list(names)
        for k, line in enumerate(lines):
            if place.endswith(".toml") and line.startswith("name = ") and lines[k - 1].startswith("id = ") and rest:
                lines[k] = f"name = '{rest.pop(0)}'"
            if place.endswith(".csv") and k and not line.startswith(("#", "id,", "plant,")) and rest:
                cells = line.split(",")
                column = 1 if place == FIRMS else 3
                cells[column] = f'"{rest.pop(0)}"'
                lines[k] = ",".join(cells)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    return edit


def titled(title):
    """A title of the cluster and of the experiment."""

    def edit(folder):
        for file, old in ((CLUSTER, '"My cluster"'), (EXPERIMENT, '"My cluster: what does a pact change?"')):
            path = folder / file
            path.write_text(
                path.read_text(encoding="utf-8").replace(f"title = {old}", f"title = '{title}'"), encoding="utf-8"
            )

    return edit


NO_NETWORKS = drop_tables("network")
FOOD = "food-factory,Food factory,process_heat,gas boiler,operating,,300,0,2024,250,5,estimate,estimate,made up\n"
PLANT = 'lime-works,Lime works,lime,"PFR kiln, gas",operating,400,,384,2024,60,8,estimate,estimate,made up\n'
WORLDS = {
    "two years": horizon("[2049, 2050]"),
    "no networks and no projects": both(NO_NETWORKS, remove(PROJECTS)),
    "one plant": both(NO_NETWORKS, first_row_only(PLANT)),
    "one plant that emits nothing": both(NO_NETWORKS, first_row_only(FOOD)),
    "hostile names": both(
        policies(*HOSTILE), named(CLUSTER, HOSTILE[1:]), named(FIRMS, HOSTILE[3:]), named(PROJECTS, HOSTILE[4:]),
        titled(" ".join(HOSTILE[3:])),
    ),
}  # fmt: skip

"""The picture of the README and the text for those who cannot see it: `python -m docs.first_picture`, a minute.

Runs the experiment `dunkirk` as `make run` does, draws what holds the cluster back, and writes both.
"""

import re
import tempfile
from pathlib import Path

import clusterpact as cp
from clusterpact.agents.vocabulary import GATES

ROOT = Path(__file__).resolve().parent.parent
README, PICTURE = ROOT / "README.md", ROOT / "docs" / "pictures" / "gates.png"
IMAGE = re.compile(r"!\[What holds Dunkirk back.*?\]\(docs/pictures/gates\.png\)", re.S)
TOLD = {"current-policies": "current policies", "four-pillars": "four pillars"}
YEAR = 2040
MOST = 3  #: gates that the text names


def measured(folder: Path) -> cp.Result:
    """The result that the picture is of."""
    return cp.run("dunkirk", out=folder, threads=2, progress=False)


def words(result: cp.Result) -> str:
    """The picture in words: mean shares of the emissions at the start, abated and by the gates that hold most."""
    bands = result.bands
    means = bands[bands["year"] == YEAR].pivot(index="policy", columns="measure", values="mean")
    parts = []
    for policy, title in TOLD.items():
        row = 100 * means.loc[policy]
        gates = row[[f"gate_{number}" for number in range(1, len(GATES) + 1)]].sort_values(ascending=False)[:MOST]
        held = ", ".join(f"{share:.0f} % {GATES[int(str(name).removeprefix('gate_')) - 1]}" for name, share in gates.items())
        parts.append(f"under {title} {row['abated_share']:.0f} % abated (by switching {row['switched_share']:.0f}), "
                     f"and still emitted: {held}")  # fmt: skip
    runs = int(bands["runs"].max())
    return f"What holds Dunkirk back in {YEAR}, mean of {runs:,} runs, % of emissions at the start: {'; '.join(parts)}"


def described(text: str, said: str) -> str:
    """The README with that text on its picture."""
    return IMAGE.sub(lambda _: f"![{said}](docs/pictures/gates.png)", text)


def main() -> None:
    """Draw the picture and write its text."""
    with tempfile.TemporaryDirectory() as folder:
        result = measured(Path(folder) / "dunkirk")
        result.plot.gates().savefig(PICTURE, dpi=110, bbox_inches="tight")
        README.write_text(described(README.read_text(encoding="utf-8"), words(result)), encoding="utf-8")


if __name__ == "__main__":
    main()

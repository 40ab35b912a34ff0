"""What was discovered of an event, as Python and notebooks see it."""

from pathlib import Path
from typing import Any

from clusterpact.extras import require
from clusterpact.face.shown import Plots, page
from clusterpact.face.tables import Tables
from clusterpact.results import about


class Discovery(Tables):
    """In which futures an event comes: tables by name (boxes, tree, path, left_out), sentences, and a figure.

    found: what it rests on, such as the event, the policy, its runs and those held out.
    """

    def __init__(self, found: "about.Discovery"):
        self.found, self.tables = found, found.tables

    @property
    def sentences(self) -> list[str]:
        """What `clusterpact discover` prints."""
        from clusterpact.results.report.discovered import told

        return list(told(self.found))

    @property
    def plot(self) -> Plots:
        """Its figure, `.plot.boxes()`: boxes over their dimensions, and density against coverage."""
        from clusterpact.results.figures import discovery as figures

        return Plots({"boxes": (figures.boxes, lambda: (self.found,))})

    def __repr__(self) -> str:
        return "\n".join(self.sentences)

    def _repr_html_(self) -> str:
        table = self.tables["tree"]
        rows = ([f"{cell:,.3g}" if isinstance(cell, float) else str(cell) for cell in row]
                for row in table.itertuples(index=False))  # fmt: skip
        return page(f"{self.found.event} under {self.found.policy}", "\n".join(self.sentences), table.columns, rows)


def discover(folder: Path, **options: Any) -> Discovery:
    """What `clusterpact discover` writes; options as in `experiments.questions.discovery.discover_result`."""
    require("discover", "discover", "scipy", "sklearn")
    from clusterpact.experiments.questions.discovery import discover_result

    return Discovery(discover_result(folder, **options))

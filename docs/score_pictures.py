"""The pictures of the scores of the past, with what they show in words, of the tables of scores in `docs/data`."""

import csv
from pathlib import Path

DATA = Path(__file__).with_name("data")
CLUSTERS = {"dunkirk-2013": "Dunkirk set back to 2013", "nrw-2013": "North Rhine-Westphalia set back to 2013"}
PROJECTS = {"projects-2023": "Projects of January 2023"}


def pictures() -> str:
    """The pictures in Markdown, a line each."""
    words = {
        **{name: f"{title}: {years(name)}" for name, title in CLUSTERS.items()},
        **{name: f"{title}: {chances(name)}" for name, title in PROJECTS.items()},
    }
    return "".join(f"![{told}](pictures/score-{name}.png)\n" for name, told in words.items())


def read(name: str) -> list[dict[str, str]]:
    """A table of scores, its cells as text."""
    with (DATA / f"score-{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def years(name: str) -> str:
    """How many years of each window lie in the bands, and how far the forecast beats that nothing changes."""
    parts = []
    for row in read(f"{name}-windows"):
        inside = round(float(row["inside_90_share"]) * int(row["years"]))
        parts.append(f"{row['first_year']}-{row['last_year']} {inside} of {row['years']} years inside the band of 90 % of "
                     f"runs, skill against nothing changes {float(row['skill_nothing_changes']):.2f}")  # fmt: skip
    return "; ".join(parts)


def chances(name: str) -> str:
    """Chances that the model gave to events, beside the shares that happened."""
    parts = [f"{100 * float(row['forecast_share']):.0f} % given, {100 * float(row['observed_share']):.0f} % happened "
             f"({row['events']} events)" for row in read(f"{name}-reliability")]  # fmt: skip
    return f"chances given by the model and shares that happened: {'; '.join(parts)}"

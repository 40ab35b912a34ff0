"""The command `score`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clusterpact.cli.options import ResultFolder
from clusterpact.inputs import InputError
from clusterpact.texts import padded

if TYPE_CHECKING:
    import pandas as pd

    from clusterpact.experiments.questions.scoring import Scores


def score(
    results: ResultFolder,
    record: Annotated[
        Path | None, typer.Option(help="Folder with record.csv or record-projects.csv, instead of the result's own.")
    ] = None,
    policy: Annotated[str | None, typer.Option(help="Policy to score; default: the baseline.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print all tables as JSON and nothing else.")] = False,
) -> None:
    """Set a result against the record of what came: bands, skill, counts of plants, events of projects.

    RESULTS may also be a table of an outlook (.csv, see `clusterpact outlook`); it needs --record.

    Example: clusterpact run history/dunkirk-2013 --out past && clusterpact score past
    """
    from clusterpact.experiments.folder.whole import reopen_whole
    from clusterpact.experiments.questions.scoring import FOLDER, keep, score_result
    from clusterpact.results.figures.score import draw_score

    if results.suffix == ".csv":
        _score_outlook(results, record, json)
        return
    experiment = reopen_whole(results)
    found = score_result(experiment, results, record, policy)
    keep(found, results)
    if json:
        print(found.as_json())
        return
    print(f"{experiment.heading} · {policy or experiment.baseline} · {experiment.runs:,} runs\n")
    for line in describe(found):
        print(line)
    path = draw_score(found.years, found.reliability, found.counts, f"{experiment.heading} · {experiment.runs:,} runs "
                      f"· result {experiment.id}", results / FOLDER / "score.png")  # fmt: skip
    print(f"tables:  {results / FOLDER}/ ({', '.join(found.tables)}, scores.json)\nfigure:  {path}")


def _score_outlook(path: Path, record: Path | None, json: bool) -> None:
    """Score the chances of an outlook's table."""
    from clusterpact.experiments.questions.outlook import score_outlook

    if record is None:
        raise InputError("", "--record", None, "missing; expected the folder of a record-projects.csv")
    events, bins = score_outlook(path, record)
    if json:
        print(events.to_json(orient="records", indent=1))
        return
    print(events.to_string(index=False, float_format="{:.3f}".format, na_rep="-"))
    print(bins.to_string(index=False, float_format="{:.2f}".format, na_rep="-"))


def describe(found: "Scores") -> list[str]:
    """A score in lines, what the record contradicts first."""
    return [*_windows(found.windows), *_counts(found.counts), *_events(found.events)]


def _windows(table: "pd.DataFrame") -> list[str]:
    if not len(table):
        return []
    lines = ["total emissions    years  in 90 % band  in 50 % band  CRPS, kt  skill against nothing changes   a random walk"]
    row: Any
    for row in table.itertuples():
        name = f"{row.window} {row.first_year}-{row.last_year}"
        lines.append(
            f"{padded(name, 18)} {row.years:5.0f}  {row.inside_90_share:11.0%}  {row.inside_50_share:12.0%}  "
            f"{row.crps:8,.0f}  {_skill(row.skill_nothing_changes):>29}  {_skill(row.skill_random_walk):>14}"
        )
    return [*lines, ""]


def _counts(table: "pd.DataFrame") -> list[str]:
    if not len(table):
        return []
    lines = [f"plants (of {table['plants'].iloc[0]})                by    record   model, mean and 90 %"]
    row: Any
    for row in table.rename(columns={"count": "count_"}).sort_values("inside_90", kind="stable").itertuples():
        record = (
            f"{row.observed_low}" if row.observed_low == row.observed_high else f"{row.observed_low}-{row.observed_high}"
        )
        verdict = "" if row.inside_90 else "  outside"
        lines.append(f"{row.count_:27.27} {row.year}  {record:>8}   {row.mean:5.2f}  [{row.low_90}, {row.high_90}]{verdict}")
    return [*lines, ""]


def _events(table: "pd.DataFrame") -> list[str]:
    if not len(table):
        return []
    lines = [
        "projects in hand                        number   record, 95 %        model   Brier  skill against the base rate"
    ]
    row: Any
    for row in table.sort_values("inside", kind="stable").itertuples():
        interval = f"{row.observed_rate:.0%} [{row.observed_low:.0%}, {row.observed_high:.0%}]"
        lines.append(
            f"{row.event:39.39} {row.events:6.0f}   {interval:18} {row.forecast_rate:6.0%}  {row.brier:6.3f}  "
            f"{_skill(row.skill_base_rate, '+.2f')} ± {_skill(row.skill_error)}{'' if row.inside else '  outside'}"
        )
    return [*lines, ""]


def _skill(value: float, digits: str = ".2f") -> str:
    """A skill, or a dash where there is none: the other forecast was perfect, or there is one event only."""
    return "-" if value != value else format(value, digits)

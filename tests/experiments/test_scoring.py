"""`clusterpact score` and `outlook`: runs counted by hand from their tables, and set against a record."""

import csv
import json
import shutil

import numpy as np
import pyarrow.parquet as pq
import pytest

from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.folder.reopen import reopen
from clusterpact.experiments.questions.outlook import outlook, score_outlook
from clusterpact.experiments.questions.scoring import score_result
from clusterpact.experiments.running.session import RunOptions, run_experiment
from clusterpact.inputs import InputError
from clusterpact.sim.scenario import CLUSTERS
from tests.commands import call

WORLD = CLUSTERS / "history" / "dunkirk-2013"
WINDOWS = {"fit": (2014, 2019), "test": (2020, 2022)}
FATES = "plant,unit,network,name,as_of_year,fid_year,start_year,given_up_year,source,mark"
FURNACE = "arcelormittal-dunkirk,bf-2-3,,Electric arc furnace of 2 Mt,{year},2026,,,made up,published"
RETY = "lhoist-rety,,,CalCC cryogenic capture,{year},,,{end},made up,published"
HUB = ",,dartagnan,D'Artagnan CO2 hub,{year},,,,made up,published"


@pytest.fixture(scope="module")
def then(tmp_path_factory):
    """The folder of a result of Dunkirk set back to 2013."""
    folder = tmp_path_factory.mktemp("then") / "r"
    run_experiment(load_experiment("history/dunkirk-2013", runs=40), folder, RunOptions(shard_runs=15))
    return folder


@pytest.fixture(scope="module")
def now(tmp_path_factory):
    """The folder of a result of Dunkirk as it is, with projects in hand."""
    folder = tmp_path_factory.mktemp("now") / "r"
    run_experiment(load_experiment("dunkirk", runs=20, recording="yearly"), folder)
    return folder


@pytest.fixture
def elsewhere(tmp_path):
    """Makes a folder with another record: rows of `record.csv` changed, or rows of `record-projects.csv`."""

    def made(change=lambda row: row, fates=()):
        with (WORLD / "record.csv").open(encoding="utf-8", newline="") as file:
            rows = [found for row in csv.DictReader(file) if (found := change(row))]
        if fates:
            (tmp_path / "record-projects.csv").write_text("\n".join([FATES, *fates]) + "\n", encoding="utf-8")
        else:
            with (tmp_path / "record.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
        return tmp_path

    return made


def by_plant(folder, year):
    """The table `plants` of a year, units summed, with what plants emitted at the start."""
    table = pq.read_table(folder / "tables" / "plants.parquet").to_pandas()
    table = table[table["year"] == year].assign(plant=table["agent"].str.partition(":")[0])
    table = table.groupby(["run", "plant"])[["scope1_kt", "switched_kt", "closed_kt", "output_kt"]].sum().reset_index()
    firms = csv.DictReader((WORLD / "firms.csv").read_text(encoding="utf-8").splitlines())
    base = {row["id"]: float(row["scope1_kt_per_year"]) for row in firms}
    return table.assign(base_kt=table["plant"].map(base))


def recorded(year):
    """Plants' rows of the record of a year: (kt or None, closed)."""
    found = csv.DictReader((WORLD / "record.csv").read_text(encoding="utf-8").splitlines())
    rows = [row for row in found if int(row["year"]) == year]
    return {row["plant"]: (float(row["scope1_kt_per_year"] or "nan"), row["closed"] == "1") for row in rows}


def unknown(year):
    """Plants of which the record does not say what they emitted in a year."""
    return {plant for plant, (kt, gone) in recorded(year).items() if np.isnan(kt) and not gone}


def count_of(scores, name, window):
    (row,) = scores.counts[(scores.counts["count"] == name) & (scores.counts["window"] == window)].to_dict("records")
    return row


def assert_counted(row, flags, table):
    """A row of counts holds the plants with a flag, per run."""
    counts = flags.groupby(table["run"]).sum().to_numpy()
    assert len(counts) == 40
    assert row["mean"] == pytest.approx(counts.mean())
    assert (row["low_90"], row["high_90"]) == tuple(np.quantile(counts, (0.05, 0.95), method="inverted_cdf"))


# Emissions and plants.


@pytest.mark.parametrize("window", WINDOWS)
def test_plants_that_closed_are_counted_in_runs_and_in_the_record(window, then):
    scores, year = score_result(reopen(then), then), WINDOWS[window][1]
    table, row = by_plant(then, year), count_of(scores, "closed", window)
    closed = (table["scope1_kt"] <= 1e-9 * table["base_kt"]) & (table["closed_kt"] > 0)
    assert closed.any()
    assert_counted(row, closed, table)
    closures = sum(gone for _, gone in recorded(year).values())
    assert (row["observed_low"], row["observed_high"]) == (closures, closures + len(unknown(year)))
    assert row["plants"] == len(recorded(year)) == table["plant"].nunique()


@pytest.mark.parametrize("window", WINDOWS)
def test_deep_switches_are_of_plants_that_run_and_emit_less_by_four_fifths_of_what_they_make(window, then):
    scores, year = score_result(reopen(then), then), WINDOWS[window][1]
    table, row = by_plant(then, year), count_of(scores, "deep switches", window)
    made = table["base_kt"] - table["output_kt"]
    gone = (table["scope1_kt"] <= 1e-9 * table["base_kt"]) & (table["closed_kt"] > 0)
    deep = (table["switched_kt"] >= 0.8 * made) & (made > 0) & ~gone
    assert deep.any()
    assert_counted(row, deep, table)
    base = table.groupby("plant")["base_kt"].first()
    fell = [plant for plant, (kt, gone) in recorded(year).items() if not gone and kt <= 0.2 * base[plant]]
    assert (row["observed_low"], row["observed_high"]) == (0, len(fell) + len(unknown(year)))
    parts = scores.counts[scores.counts["count"].str.startswith("deep switches:") & (scores.counts["window"] == window)]
    assert parts["mean"].sum() == pytest.approx(row["mean"])


@pytest.mark.parametrize("share", [0.3, 0.5, 0.8])
def test_plants_that_run_and_emit_less_are_counted(share, then):
    scores, table = score_result(reopen(then), then), by_plant(then, 2022)
    row = count_of(scores, f"down {share:.0%} and running", "test")
    gone = (table["scope1_kt"] <= 1e-9 * table["base_kt"]) & (table["closed_kt"] > 0)
    assert_counted(row, (table["scope1_kt"] <= (1 - share) * table["base_kt"]) & ~gone, table)
    base = table.groupby("plant")["base_kt"].first()
    fell = [kt <= (1 - share) * base[plant] for plant, (kt, gone) in recorded(2022).items() if not gone]
    assert (row["observed_low"], row["observed_high"]) == (sum(fell), sum(fell) + len(unknown(2022)))


def test_totals_are_the_sums_of_plants_and_the_year_at_the_start_is_not_scored(then):
    years = score_result(reopen(then), then).years.set_index("year")
    assert list(years.index) == list(range(2014, 2023))
    assert years["window"].tolist() == ["fit"] * 6 + ["test"] * 3
    for year in (2014, 2022):
        table = by_plant(then, year)
        table = table[~table["plant"].isin(unknown(year))]
        totals = table.groupby("run")["scope1_kt"].sum()
        assert years.loc[year, "median"] == pytest.approx(np.median(totals))
        assert years.loc[year, "high_90"] == pytest.approx(np.quantile(totals, 0.95))
        assert years.loc[year, "observed"] == pytest.approx(np.nansum([kt for kt, _ in recorded(year).values()]))
        start = table.groupby("plant")["base_kt"].first().sum()
        assert years.loc[year, "crps_nothing_changes"] == pytest.approx(abs(years.loc[year, "observed"] - start))


def test_a_score_is_the_same_again(then):
    one, other = (score_result(reopen(then), then) for _ in range(2))
    assert one.as_json() == other.as_json()


def changed(plant, year, **cells):
    """A change of a record: other cells of a plant from a year on."""
    return lambda row: row | cells if row["plant"] == plant and int(row["year"]) >= year else row


def test_a_record_elsewhere_goes_before_the_results_own(then, elsewhere):
    own = score_result(reopen(then), then)
    plant = next(plant for plant, (kt, gone) in recorded(2022).items() if not gone and kt > 0)
    folder = elsewhere(changed(plant, 2021, scope1_kt_per_year="0", closed="1"))
    found = score_result(reopen(then), then, folder)
    for window, more in (("fit", 0), ("test", 1)):
        assert count_of(found, "closed", window)["observed_low"] == count_of(own, "closed", window)["observed_low"] + more
        assert count_of(found, "closed", window)["mean"] == count_of(own, "closed", window)["mean"]


@pytest.mark.parametrize(("switched", "least", "most"), [("1", 1, 1), ("", 0, 1), ("0", 0, 0)])
def test_a_plant_is_a_deep_switch_for_sure_only_if_the_record_knows_what_it_runs(switched, least, most, then, elsewhere):
    kept = "arcelormittal-dunkirk"

    def alone(row):
        if row["plant"] != kept:
            return None
        return row | {"switched": switched, "scope1_kt_per_year": "100" if row["year"] == "2022" else "7000", "closed": "0"}

    row = count_of(score_result(reopen(then), then, elsewhere(alone)), "deep switches", "test")
    assert (row["plants"], row["observed_low"], row["observed_high"]) == (1, least, most)


def test_a_year_of_which_one_plant_is_not_known_has_no_total(then, elsewhere):
    folder = elsewhere(lambda row: row | {"scope1_kt_per_year": "", "closed": "0"} if row["year"] == "2016" and
                       row["plant"] == "arcelormittal-dunkirk" else row)  # fmt: skip
    found = score_result(reopen(then), then, folder)
    assert found.years["year"].tolist() == [2014, 2015, *range(2017, 2023)]
    assert found.windows["years"].tolist() == [5, 3]


def test_a_window_beyond_the_record_is_a_mistake(then, elsewhere):
    folder = elsewhere(lambda row: row if int(row["year"]) <= 2019 else None)
    with pytest.raises(InputError, match=r"windows.test = \[2020, 2022\]: lies outside the record.* from 2014 to 2019"):
        score_result(reopen(then), then, folder)


# The commands.


def test_the_tables_are_kept_and_told_as_json(then, capsys):
    assert call("score", then, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"years", "windows", "counts"}
    assert [(row["window"], row["first_year"], row["last_year"]) for row in told["windows"]] == [
        (name, *years) for name, years in WINDOWS.items()
    ]
    assert told == json.loads((then / "score" / "scores.json").read_text(encoding="utf-8"))
    assert {path.stem for path in (then / "score").glob("*.csv")} == set(told)


def test_a_score_is_printed_window_by_window_with_what_it_contradicts_first(then, capsys):
    assert call("score", then) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines if line.startswith(("fit", "test"))] == [
        ["fit", "2014-2019"], ["test", "2020-2022"]
    ]  # fmt: skip
    counts = lines[next(k for k, line in enumerate(lines) if line.startswith("plants (of 29)")) + 1 :]
    counts = [line.endswith("outside") for line in counts[: counts.index("")]]
    assert counts == sorted(counts, reverse=True)
    assert (then / "score" / "score.png").stat().st_size > 10_000


def test_what_cannot_be_scored_is_one_line(then, now, elsewhere, tmp_path, capsys):
    def fails(*arguments):
        assert call(*arguments) == 2
        (line,) = capsys.readouterr().err.splitlines()
        return line

    assert "--policy = 'pact': not among the result's policies" in fails("score", then, "--policy", "pact")
    assert "no record.csv or record-projects.csv" in fails("score", now)
    (tmp_path / "empty").mkdir()
    assert "no record.csv or record-projects.csv" in fails("score", then, "--record", tmp_path / "empty")
    folder = elsewhere(lambda row: row if int(row["year"]) <= 2016 else None)
    assert "windows.fit = [2014, 2019]: lies outside the record, which can be scored from 2014 to 2016" in fails(
        "score", then, "--record", folder
    )
    shutil.copytree(then, tmp_path / "r")
    (tmp_path / "r" / "tables" / "plants.parquet").write_bytes(b"torn")
    assert "plants.parquet has not the checksum" in fails("score", tmp_path / "r")


def test_a_result_without_a_table_of_plants_is_one_line(tmp_path):
    experiment = load_experiment("history/dunkirk-2013", runs=2, recording="yearly")
    run_experiment(experiment, tmp_path / "r")
    with pytest.raises(InputError, match=r'no table of plants; expected .* recording = "plants"'):
        score_result(experiment, tmp_path / "r")


# Projects in hand.


def chances_by_hand(folder, agent, project, column, year):
    table = pq.read_table(folder / "tables" / "pipeline.parquet").to_pandas()
    rows = table[(table["policy"] == "current-policies") & (table["agent"] == agent) & (table["project"] == project)]
    assert len(rows) == 20
    return (rows[column] < year + 1).mean()


def test_chances_of_projects_are_shares_of_runs_by_the_year_of_the_record(now, elsewhere):
    fates = [FURNACE.format(year=2032).replace("2026,,", "2026,2031,"), RETY.format(year=2029, end=2028)]
    scores = score_result(reopen(now), now, elsewhere(fates=fates))
    furnace, rety = scores.projects.to_dict("records")
    assert np.isnan([furnace["fid_chance"], furnace["given_up_chance"]]).all()  # decided before the start
    assert furnace["in_time_chance"] == chances_by_hand(now, furnace["agent"], furnace["project"], "start_year", 2031)
    assert (furnace["in_time"], rety["given_up"], rety["fid"]) == (1.0, 1.0, 0.0)
    assert np.isnan(rety["in_time_chance"])  # due in 2028, and known until 2029
    for event, column in (("fid", "fid_year"), ("given_up", "given_up_year")):
        assert rety[f"{event}_chance"] == chances_by_hand(now, rety["agent"], rety["project"], column, 2029)
    assert scores.events["events"].tolist() == [1, 1, 1]
    assert len(scores.years) == len(scores.windows) == len(scores.counts) == 0
    assert scores.events.set_index("event").loc["given up", "brier"] == pytest.approx((1 - rety["given_up_chance"]) ** 2)
    assert json.loads(scores.as_json())["projects"][0]["fid_chance"] is None


@pytest.mark.parametrize("fate", [HUB.format(year=2028), FURNACE.format(year=2028)], ids=["network", "decided-and-not-due"])
def test_a_record_of_projects_that_have_no_chance_to_speak_of_is_one_line(fate, now, elsewhere, capsys):
    assert call("score", now, "--record", elsewhere(fates=[fate])) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "record: holds nothing to score" in line


def test_an_outlook_is_the_share_of_runs_by_the_end_of_every_year(now):
    table = outlook([now], 2030)
    assert table["by_year"].unique().tolist() == [2026, 2027, 2028, 2029, 2030]
    projects = reopen(now).scenario.projects
    assert len(table) == 5 * len(projects)
    for row in table[table["agent"] == "lhoist-rety"].to_dict("records"):
        for event, column in (("fid", "fid_year"), ("started", "start_year"), ("given_up", "given_up_year")):
            assert row[f"{event}_chance"] == chances_by_hand(now, row["agent"], row["project"], column, row["by_year"])
    last = table[table["by_year"] == 2030].set_index("project")
    assert 0 < last.loc["CalCC cryogenic capture", "given_up_chance"] < 1
    assert last.loc["Electric arc furnace of 2 Mt", "fid_chance"] == 1.0  # decided before the start
    assert (table.groupby(["agent", "project"])["fid_chance"].diff().dropna() >= 0).all()


def test_an_outlook_tells_of_networks_too(now):
    networks = pq.read_table(now / "tables" / "projects.parquet").to_pandas()
    mine = networks[(networks["policy"] == "pact") & (networks["agent"] == "dartagnan")]
    row = outlook([now], 2040, "pact").query("agent == 'dartagnan' and by_year == 2040").to_dict("records")[0]
    assert row["fid_chance"] == (mine["fid_year"] < 2041).mean() > 0
    assert row["given_up_chance"] == 0.0


def test_an_outlook_is_written_read_and_scored(now, elsewhere, tmp_path, capsys):
    path = tmp_path / "outlook.csv"
    assert call("outlook", now, "--until", 2028, "--out", path) == 0
    told = outlook([now], 2028).set_index(["project", "by_year"])
    rety = told.loc["CalCC cryogenic capture", 2027]["given_up_chance"]
    folder = elsewhere(fates=[FURNACE.format(year=2028), RETY.format(year=2027, end=2027), HUB.format(year=2040)])
    events, bins = score_outlook(path, folder)
    row = events.set_index("event").loc["given up"]  # the outlook does not speak of 2040; the furnace was decided before
    assert row["events"] == 1
    assert row["brier"] == pytest.approx((1 - rety) ** 2)
    assert bins["events"].sum() == 4
    capsys.readouterr()
    assert call("score", path, "--record", folder, "--json") == 0
    assert [row["event"] for row in json.loads(capsys.readouterr().out)] == ["fid", "started", "given up"]
    assert call("score", path, "--record", folder) == 0
    assert "given up" in capsys.readouterr().out


def test_an_outlook_of_a_member_is_scored_by_the_members_own_names(now, elsewhere, tmp_path):
    table = outlook([now], 2028)
    table.assign(agent="dunkirk/" + table["agent"]).to_csv(tmp_path / "outlook.csv", index=False)
    events, _ = score_outlook(tmp_path / "outlook.csv", elsewhere(fates=[FURNACE.format(year=2028)]))
    assert events["event"].tolist() == ["started"]  # a furnace that was decided before is scored by its start alone
    assert events["events"].tolist() == [1]


def test_what_an_outlook_cannot_say_or_be_held_against_is_one_line(then, now, elsewhere, tmp_path):
    path = tmp_path / "outlook.csv"
    outlook([now], 2028).to_csv(path, index=False)
    mistakes = [
        (lambda: outlook([then], 2020), "has no projects in hand"),
        (lambda: outlook([now], 2025), r"--until = 2025: expected a year of the horizon \(2026 to 2050\)"),
        (lambda: outlook([now], 2030, "pcat"), "--policy = 'pcat'.*did you mean 'pact'"),
        (lambda: score_outlook(path, tmp_path), "record-projects.csv: file: not found"),
        (lambda: score_outlook(path, elsewhere(fates=[HUB.format(year=2040)])), "no project in a year"),
        (lambda: score_outlook(path, elsewhere(fates=[HUB.replace("D'Art", "Art").format(year=2027)])), "no such project"),
    ]
    for do, words in mistakes:
        with pytest.raises(InputError, match=words):
            do()

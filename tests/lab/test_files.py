"""What leaves the lab comes back as it was, and `clusterpact run` takes it; what others made up does nothing."""

import base64
import json
import xml.etree.ElementTree as ElementTree

import pandas as pd
import pytest

from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.variant import load_variant
from clusterpact.results.recorded import table_path
from tests.commands import call
from tests.lab.opened import Lab
from tests.results.page.opened import SCREENS

TITLE = 'Grants "first", <b>then</b> nothing'
SOME_RUNS = 64
ALL_RUNS = 1000


def saved(lab, button, folder):
    """The file that a button of the page hands over."""
    with lab.tab.expect_download() as waited:
        lab.tab.locator(f"#do-{button}").click()
    file = folder / waited.value.suggested_filename
    waited.value.save_as(file)
    return file


def opened(lab, file):
    """Open a file in the page, and let it work."""
    lab.tab.locator("#file").set_input_files(file)
    lab.tab.wait_for_timeout(200)


@pytest.fixture
def moved(lab):
    """A scenario with a step, a strength, a mode and a held price, under a title full of markup."""
    lab.move("grant_share", 0.6)
    lab.ask(
        """lab.change({ ...lab.scenario, governance_mode: "majority", held: { natural_gas_price_level: 0.25 },
             schedules: { ...lab.scenario.schedules, grant_share: [[2028, 0.6], [2036, 0.1]],
               skills_per_year: [[0, 0.05]] } })"""
    )
    lab.tab.locator("#scenario-title").fill(TITLE)
    lab.settled(SOME_RUNS)
    return lab


def anew(lab):
    lab.tab.locator("#reset").click()
    assert "grant_share" not in lab.scenario()["schedules"]


def test_a_package_comes_back_as_it_was_and_the_program_takes_it(moved, tmp_path):
    file = saved(moved, "save_package", tmp_path)
    before = moved.scenario()
    anew(moved)
    opened(moved, file)
    after = moved.scenario()
    assert after["schedules"] == before["schedules"]
    assert after["governance_mode"] == "majority"
    assert after["title"] == TITLE
    package = load_variant("dunkirk", packages=[file]).policies[-1]
    assert {name: [list(point) for point in points] for name, points in package.schedules.items()} == before["schedules"]


def test_an_experiment_comes_back_as_it_was_and_the_program_takes_it(moved, tmp_path):
    file = saved(moved, "save_experiment", tmp_path)
    before = moved.scenario()
    anew(moved)
    opened(moved, file)
    after = moved.scenario()
    assert (after["schedules"], after["held"]) == (before["schedules"], before["held"])
    experiment = load_experiment(file)
    package = experiment.policies[1]
    assert {name: [list(point) for point in points] for name, points in package.schedules.items()} == before["schedules"]
    assert experiment.parameters == {"natural_gas_price_level": 0.25}
    assert experiment.baseline == "current-policies"
    assert package.title == TITLE


@pytest.mark.slow
def test_the_command_line_makes_the_same_runs_bit_for_bit(moved, tmp_path):
    moved.settled(ALL_RUNS)
    file, table = saved(moved, "save_experiment", tmp_path), saved(moved, "export_csv", tmp_path)
    assert call("run", file, "--runs", ALL_RUNS, "-q", "--no-figures", "--threads", 1, "--out", tmp_path / "result") == 0
    batch = pd.read_parquet(table_path(tmp_path / "result", "outcomes"))
    page = pd.read_csv(table)
    assert len(page) == len(batch) == 2 * ALL_RUNS
    columns = [name for name in page.columns if name not in ("policy", "run")]
    assert set(columns) == {name for name in batch.columns if not name.startswith("draw_")} - {"policy", "run"}
    for column in columns:
        left, right = page[column].astype(float).to_numpy(), batch[column].astype(float).to_numpy()
        assert ((left == right) | (pd.isna(left) & pd.isna(right))).all(), column


def test_tables_and_pictures_are_whole(moved, tmp_path):
    table = pd.read_csv(saved(moved, "export_csv", tmp_path))
    assert list(table["policy"].unique()) == ["current-policies", "grants-first-b-then-b-nothing"]
    assert table["cumulative_mt"].notna().all()
    drawing = ElementTree.fromstring(saved(moved, "export_svg", tmp_path).read_text(encoding="utf-8"))
    assert drawing.tag.endswith("svg")
    assert "NaN" not in ElementTree.tostring(drawing, "unicode")


def test_the_command_that_repeats_it_is_shown(moved):
    moved.tab.locator("#do-show_command").click()
    assert "clusterpact run grants-first-b-then-b-nothing.experiment.toml --runs 1000" in moved.text("#command")


def test_a_link_carries_the_scenario(moved):
    before = moved.scenario()
    moved.tab.locator("#do-link").click()
    address = moved.ask("location.href")
    moved.tab.goto("about:blank")
    moved.tab.goto(address)
    moved.wait("document.querySelector('#sentence') && globalThis.lab")
    after = moved.scenario()
    assert {**before, "title": TITLE} == after
    assert moved.ask("document.querySelector('main b')") is None
    assert moved.complaints == []


def link(lab, given, version=1, experiment="dunkirk"):
    text = json.dumps({"version": version, "experiment": experiment, "scenario": given})
    return "#s=" + base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


GOOD = {"base": "pact", "title": "x", "governance_mode": None, "schedules": {}, "held": {}}
WRONG = {
    "unknown-instrument": {"schedules": {"<script>": [[2030, 1]]}},
    "prototype": {"schedules": {"__proto__": [[2030, 1]], "constructor": [[2030, 1]]}},
    "beyond-bounds": {"schedules": {"grant_share": [[2030, 0.7]]}},
    "text-for-number": {"schedules": {"grant_share": [[2030, "0.5"]]}},
    "years-fall": {"schedules": {"grant_share": [[2031, 0.5], [2030, 0.5]]}},
    "half-year": {"schedules": {"grant_share": [[2030.5, 0.5]]}},
    "no-steps": {"schedules": {"grant_share": []}},
    "many-steps": {"schedules": {"grant_share": [[2000 + k, 0.5] for k in range(100)]}},
    "row-for-table": {"schedules": [[2030, 1]]},
    "unknown-base": {"base": "javascript:alert(1)"},
    "base-of-prototype": {"base": "toString"},
    "held-unknown": {"held": {"capex_level": 1}},
    "held-beyond": {"held": {"natural_gas_price_level": 2}},
    "long-title": {"title": "x" * 101},
    "title-of-controls": {"title": "a\nb"},
    "title-a-table": {"title": {}},
    "mode": {"governance_mode": "<b>"},
    "one-key-more": {"more": 1},
}


@pytest.fixture(scope="module")
def still(browser, path):
    """One page for all hostile links and files: none of them may do anything to it."""
    shown = Lab(browser, path, SCREENS["desktop"])
    yield shown
    shown.context.close()


@pytest.fixture
def quiet(still):
    """The same page, with nothing said yet."""
    still.ask("lab.say(null)")
    return still


def refused(lab, before):
    """Nothing was changed, and one line says so."""
    message = lab.text("#message")
    assert "nothing was changed" in message
    assert "\n" not in message
    assert len(message) < 250
    assert lab.scenario() == before
    assert lab.complaints == []


@pytest.mark.parametrize("name", WRONG)
def test_a_link_that_is_not_ours_does_nothing(quiet, name):
    before = quiet.scenario()
    quiet.ask(f"void (location.hash = {json.dumps(link(quiet, GOOD | WRONG[name]))})")
    quiet.tab.wait_for_timeout(60)
    refused(quiet, before)


@pytest.mark.parametrize("fragment", ["#s=", "#s=%00", "#s=" + "A" * 1_000_000, "#s=bnVsbA", "#s=W10",
                                      "#s=" + base64.urlsafe_b64encode(b"\xff\xfe").decode()],
                         ids=["empty", "no-base64", "one-megabyte", "null", "row", "no-text"])  # fmt: skip
def test_a_fragment_of_anything_does_nothing(quiet, fragment):
    before = quiet.scenario()
    quiet.ask(f"void (location.hash = {json.dumps(fragment)})")
    quiet.tab.wait_for_timeout(100)
    refused(quiet, before)


def test_a_link_of_another_page_says_so(quiet):
    before = quiet.scenario()
    quiet.ask(f"void (location.hash = {json.dumps(link(quiet, GOOD, experiment='<script>'))})")
    quiet.tab.wait_for_timeout(60)
    refused(quiet, before)


HEAD = b'name = "a"\ntitle = "a"\n'
FILES = {
    "empty": b"",
    "binary": bytes(range(256)),
    "html": b"<script>alert(1)</script>",
    "huge": b"# " + b"x" * 200_000,
    "lines": b"\n" * 1000,
    "unknown": HEAD + b"no_such = 1\n",
    "twice": b'name = "a"\nname = "a"\n',
    "prototype": HEAD + b"__proto__ = { schedule = [[2030, 1]] }\n",
    "beyond": HEAD + b"grant_share = 9\n",
    "other-base": b'base = "louisiana"\nname = "a"\n[[policy]]\n' + HEAD,
    "table": HEAD + b"[evil]\na = 1\n",
    "practice": HEAD + b"[practices]\nmerchant_haircut = 0.1\n",
    "nan": HEAD + b"grant_share = nan\n",
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_not_ours_does_nothing(quiet, name, tmp_path):
    before, file = quiet.scenario(), tmp_path / f"{name}.toml"
    file.write_bytes(FILES[name])
    opened(quiet, file)
    refused(quiet, before)

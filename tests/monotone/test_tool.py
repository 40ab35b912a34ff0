"""The tool itself: made-up walks whose signs and jumps are known, the tables, and the made-up world."""

from dataclasses import replace

import numpy as np
import pytest

import tests.monotone.cliffs as jumping
from clusterpact.agents.parameters import PARAMETERS
from clusterpact.inputs import InputError
from clusterpact.policies.catalogue import INSTRUMENTS
from tests.monotone import __main__ as command
from tests.monotone import page, record
from tests.monotone.cliffs import candidates, cliffs
from tests.monotone.explained import Explanations, read_explanations
from tests.monotone.factors import read_factors
from tests.monotone.steps import judged, steps_of, worst, wrong_way
from tests.monotone.walks import Walk, Walker

RUNS = 200
FACTORS = read_factors()
NOBODY = Explanations(())


def walk(curve, factor="grant_share", noise=0.05, seed=1, common=0.1):
    """A walk along a curve over [0, 1]: luck that all levels share, and noise of every level's own."""
    generator = np.random.default_rng(seed)
    levels = np.linspace(0.0, 1.0, len(curve))
    luck = generator.normal(0.0, common, RUNS)
    return Walk("made", "pact", FACTORS[factor], levels, np.asarray(curve)[:, None] + luck
                + generator.normal(0.0, noise, (len(curve), RUNS)))  # fmt: skip


def wrong(*walks):
    """Wrong steps of the walks of one world, as (factor, from, to)."""
    return [(s.walk.factor.factor, s.start, s.end) for steps in judged(walks) for s in steps if s.wrong]


def test_a_step_down_is_found_and_nothing_else():
    assert wrong(walk([0.2, 0.3, 0.2, 0.3, 0.4])) == [("grant_share", 0.25, 0.5)]


def test_the_sign_is_the_factors():
    falling = [0.4, 0.3, 0.2]
    assert wrong(walk(falling, "capex_level")) == []
    assert wrong(walk(falling[::-1], "capex_level")) == [
        ("capex_level", 0.0, 0.5), ("capex_level", 0.5, 1.0), ("capex_level", 0.0, 1.0),
    ]  # fmt: skip
    assert wrong(walk(falling, "price_noise")) == wrong(walk(falling[::-1], "price_noise")) == []


def test_a_slow_drift_is_found_by_the_whole_range():
    drift = walk(np.linspace(0.4, 0.38, 8))
    assert wrong(drift) == [("grant_share", 0.0, 1.0)]


def test_noise_alone_is_rarely_called_wrong():
    """Of forty worlds of twenty flat walks each, about one in twenty may have a wrong step."""
    worlds = [wrong(*(walk(np.full(7, 0.3), seed=20 * world + k) for k in range(20))) for world in range(40)]
    assert sum(bool(found) for found in worlds) <= 6  # 6 or more of 40 at 5 % each: probability 0.014


def test_common_luck_cancels():
    fine = walk([0.3, 0.295], noise=0.005, common=0.3)
    assert wrong(fine)
    apart = replace(fine, abated=np.stack([fine.abated[0], np.roll(fine.abated[1], 1)]))
    assert not wrong(apart)


@pytest.mark.parametrize(("step", "p"), [(0.0, 1.0), (-0.1, 0.0), (0.1, 1.0)])
def test_steps_without_any_noise(step, p):
    assert wrong_way(np.full(50, step), 1) == p


def test_the_worst_step_speaks_most_against_the_sign():
    steps = judged([walk([0.2, 0.3, 0.25, 0.1])])[0]
    assert (worst(steps).start, worst(steps).end) == pytest.approx((2 / 3, 1.0))


def test_a_step_has_the_interval_of_paired_differences():
    one = walk([0.1, 0.4])
    step = steps_of(one)[0]
    differences = one.abated[1] - one.abated[0]
    assert step.mean == pytest.approx(differences.mean())
    assert step.half == pytest.approx(1.9720 * differences.std(ddof=1) / RUNS**0.5, rel=1e-4)  # t of 199 at 0.975


def test_an_explained_step_is_no_failure(tmp_path):
    table = tmp_path / "explained.csv"
    head = "kind,world,policy,factor,from,to,mechanism,test\n"
    here = "tests/monotone/test_tool.py::test_an_explained_step_is_no_failure"
    table.write_text(f"{head}step,made,any,grant_share,0.25,0.5,the pot is empty,{here}\n")
    steps = judged([walk([0.2, 0.3, 0.2, 0.3, 0.4])])[0]
    assert record.verdict_of(steps, NOBODY) == (record.WRONG, "")
    assert record.verdict_of(steps, read_explanations(table)) == (record.EXPLAINED, "the pot is empty")
    for other in ("step,dunkirk,any", "cliff,made,any", "step,made,four-pillars"):
        table.write_text(f"{head}{other},grant_share,0.25,0.5,the pot is empty,{here}\n")
        assert record.verdict_of(steps, read_explanations(table))[0] == record.WRONG
    table.write_text(f"{head}step,made,any,grant_share,0.25,0.5,why,{here}_to_them\n")
    with pytest.raises(InputError, match="no such test"):
        read_explanations(table)


class Stairs:
    """Stands for a walker: walks a curve once more, finely."""

    def __init__(self, curve):
        self.curve = curve

    def walk(self, policy, factor, levels):
        return Walk("made", policy, factor, levels, np.repeat(self.curve(levels)[:, None], RUNS, axis=1))


def fine_walk(curve):
    """A walk of fifty levels along a function of the level, with little noise."""
    return walk(curve(np.linspace(0.0, 1.0, 50)), noise=0.01)


def test_a_cliff_is_found_and_stays_one_however_finely_it_is_walked():
    def cliff(x):
        return 0.2 + 0.1 * x + 0.2 * (x > 0.711)

    found = cliffs(Stairs(cliff), [fine_walk(cliff)])
    assert [(c.start, c.end) for c in found] == [pytest.approx((34 / 49, 35 / 49))]
    assert found[0].sheer
    assert found[0].jump == pytest.approx(0.2, abs=0.01)
    assert found[0].sharpest > 0.9


def test_a_steep_slope_stands_out_and_is_no_cliff():
    def slope(x):
        return 0.2 + 0.2 * np.clip((x - 34 / 49) * 49, 0.0, 1.0)

    found = cliffs(Stairs(slope), [fine_walk(slope)])
    assert found
    assert not any(c.sheer for c in found)


@pytest.mark.parametrize("curve", [lambda x: 0.2 + 0.5 * x, lambda x: 0.2 + 0.0 * x, lambda x: 0.2 + 0.015 * (x > 0.5)])
def test_what_is_even_or_small_does_not_stand_out(curve):
    assert candidates([fine_walk(curve)]) == []


def test_a_jump_within_its_error_does_not_stand_out():
    noisy = walk(0.2 + 0.05 * (np.linspace(0, 1, 50) > 0.5), noise=0.5)
    assert abs(jumping.jumps(noisy).mean(axis=1)).max() > jumping.SMALLEST
    assert candidates([noisy]) == []


def test_every_instrument_and_parameter_has_an_expected_sign():
    assert set(FACTORS) >= set(INSTRUMENTS) | set(PARAMETERS)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("gearing_mx,parameter,1,even,,,why", "no such parameter; did you mean 'gearing_max'"),
        ("grant_share,parameter,1,even,,,why", "no such parameter"),
        ("lenders_capital,means,1,factors,,,why", "expected both"),
        ("lenders_capital,means,1,factors,0,8,why", "above 0"),
        ("grant_share,instrument,2,even,,,why", "sign"),
    ],
)
def test_a_row_that_is_wrong_fails_loudly(tmp_path, row, said):
    path = tmp_path / "expected.csv"
    path.write_text(f"factor,kind,sign,spacing,low,high,why\n{row}\n")
    with pytest.raises(InputError, match=said):
        read_factors(path)


@pytest.mark.parametrize(("name", "levels"), [("grant_share", [0, 0.3, 0.6]), ("capture_credit_eur_per_t", [0, 75, 300]),
                                              ("lenders_capital", [0.125, 1, 8])])  # fmt: skip
def test_levels_span_the_range(name, levels):
    assert FACTORS[name].levels(3) == pytest.approx(levels)


def test_mistakes_on_the_command_line_end_with_2(capsys):
    for words in (["--runs", "1"], ["--write", "--factors", "grant_share"], ["--levels", "many"]):
        with pytest.raises(SystemExit) as stopped:
            command.main(words)
        assert stopped.value.code == 2
    with pytest.raises(InputError, match="no such factor"):
        command.main(["--factors", "gearing"])
    with pytest.raises(InputError, match="no such policy"):
        command.main(["--policies", "pcat"])


def test_the_page_shows_what_is_on_record(tmp_path, monkeypatch):
    """A record of two worlds, one of which is written anew; the page names what goes wrong, and the jumps."""
    monkeypatch.setattr(record.pages, "DATA", tmp_path)
    assert "Not measured yet." in page.text()
    good, bad = judged([walk([0.1, 0.2, 0.3]), walk([0.3, 0.3, 0.1])])
    other = [record.step_row(good, NOBODY) | {"world": "nrw"}]
    record.write("monotone", ["nrw", "made"], [*other, record.step_row(good, NOBODY)])
    record.write("monotone", ["made"], [record.step_row(bad, NOBODY)])
    record.write("cliffs", ["made"], [])
    assert record.read("monotone")["world"].tolist() == ["nrw", "made"]
    text = page.text()
    assert "## nrw\n\n200 runs a level. No walk goes the wrong way." in text
    assert "1 of 1 walks go the wrong way." in text
    assert "**wrong way** (2)" in text
    assert "None stands out." in text


def test_the_page_is_made_of_the_record():
    written = (record.pages.DATA / "monotone.csv").is_file()
    assert page.PAGE.is_file() == written, "run: make monotone MONOTONE=--write"
    if written:
        assert page.PAGE.read_text(encoding="utf-8") == page.text(), "run: make monotone MONOTONE=--write"


@pytest.mark.horizon
def test_the_made_world_is_decided_by_networks():
    """Without its networks the made-up world abates less than half of what it does with them."""
    walker = Walker("made", 40)
    factor = FACTORS["grant_share"]
    with_networks = walker.walk("four-pillars", factor, np.array([0.3])).abated.mean()
    scenario = walker.experiment.scenario
    lone = replace(scenario, file=scenario.file.model_copy(update={"network": ()}))
    walker.experiment = replace(walker.experiment, scenario=lone)
    assert walker.walk("four-pillars", factor, np.array([0.3])).abated.mean() < 0.5 * with_networks


@pytest.mark.horizon
def test_levels_meet_the_same_luck_and_lenders_change_with_theirs():
    walker = Walker("made", 20)
    same = walker.walk("four-pillars", FACTORS["lenders_capital"], np.array([1.0, 1.0, 1.0]))
    assert (same.abated[0] == same.abated[1]).all()
    plain = walker.world("four-pillars", FACTORS["gearing_max"], 0.7).template.financiers
    scaled = walker.world("four-pillars", FACTORS["lenders_capital"], 3.0).template.financiers
    assert scaled.capital_meur == pytest.approx(3 * plain.capital_meur)
    assert scaled.ticket_max_meur == pytest.approx(3 * plain.ticket_max_meur)

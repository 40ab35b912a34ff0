"""Instruments that start by a signal of the cluster: what is seen, for how long, and that both drivers do the same."""

import numpy as np
import pytest

from clusterpact.agents.triggers import is_seen, signal_value, start_by_signals
from clusterpact.agents.vocabulary import SIGNALS
from clusterpact.experiments.folder.reopen import reopen
from clusterpact.experiments.folder.replay import replay_run
from clusterpact.experiments.folder.verify import verify_result
from clusterpact.experiments.questions.levers import members, taken_from
from clusterpact.experiments.running.session import RunOptions, run_experiment
from clusterpact.experiments.variant import load_variant, package_data
from clusterpact.inputs import InputError
from clusterpact.policies.catalogue import POLICY_DTYPE
from clusterpact.policies.package import parse_law, parse_package
from clusterpact.policies.signals import parse_signal
from clusterpact.results.summary import read_table
from clusterpact.sim.coverage import differ
from clusterpact.sim.scenario import CLUSTERS, read_scenario
from clusterpact.sim.world import build_world
from tests.commands import table_bytes
from tests.worlds.small import small_state

GRANT = POLICY_DTYPE.names.index("grant_share")


def waiting(signal, level, falls=0, strict=0, years=1, **state):
    """A small state with a trigger of a grant of 40 %."""
    s = small_state(triggers=1, **state)
    trigger = s.triggers[0]
    trigger.signal, trigger.network, trigger.level = [*SIGNALS].index(signal), 0, level
    trigger.falls, trigger.strict, trigger.years = falls, strict, years
    trigger.column, trigger.strength = GRANT, 0.4
    return s


def value(s, t=4):
    return signal_value(s, s.triggers[0], t)


def test_what_each_signal_is():
    s = waiting("signed_share", 0.5)
    s.networks[0].signed, s.networks[0].capacity = 300.0, 1500.0  # of a first phase of 1000
    assert value(s) == pytest.approx(0.3)
    s.triggers[0].signal = 1
    assert value(s) == pytest.approx(1.5)
    s = waiting("abated_share", 0.5)
    s.pacts[0].abated_share = 0.2
    assert value(s) == pytest.approx(0.2)
    s.triggers[0].signal = [*SIGNALS].index("milestone_gap")
    s.market.target, s.market.shared_target = 0.5, 0.7
    assert value(s) == pytest.approx(0.3)
    s.policy.shared_milestones = 0.5
    assert value(s) == pytest.approx(0.4)
    s.pacts[0].abated_share = 0.9
    assert value(s) == 0.0
    s = waiting("carbon_price_eur_per_t", 50)
    s.spots.past_carbon_price[0] = [40.0, 50.0, 60.0, 90.0]
    assert value(s) == pytest.approx(60.0)
    s = waiting("reversals", 1)
    s.governments.reversals = [1, 2, 4]
    assert value(s) == 7.0
    s.pacts[0].support_government = s.pacts[0].pact_government = s.pacts[0].carbon_government
    assert value(s) == 1.0


@pytest.mark.parametrize(
    ("falls", "strict", "seen"),
    [(0, 0, [False, True, True]), (0, 1, [False, False, True]), (1, 0, [True, True, False]), (1, 1, [True, False, False])],
)
def test_which_side_of_the_level_is_awaited(falls, strict, seen):
    trigger = waiting("abated_share", 0.5, falls, strict).triggers[0]
    assert [is_seen(trigger, x) for x in (0.4, 0.5, 0.6)] == seen


def test_it_starts_in_january_once_the_signal_was_seen_long_enough_and_stays():
    s = waiting("abated_share", 0.5, years=2)
    shares = {4: 0.6, 8: 0.4, 12: 0.5, 16: 0.7, 20: 0.0}  # by January; only two in a row count
    for t in range(24):
        s.pacts[0].abated_share = shares.get(t, 1.0)
        start_by_signals(s, t)
    assert s.triggers[0].started_quarter == 16
    assert s.policy.grant_share.tolist() == [0.0] * 4 + [0.4] * 22


def test_the_first_year_has_no_january_to_start_in():
    s = waiting("abated_share", -1.0)
    start_by_signals(s, 0)
    assert s.triggers[0].started_quarter == -1


def test_a_law_is_replaced_at_the_start_also_by_less():
    s = waiting("abated_share", 0.0)
    s.policy.grant_share, s.triggers[0].strength = 0.5, 0.1
    start_by_signals(s, 8)
    assert s.policy.grant_share.tolist() == [0.5] * 2 + [0.1] * 24


SHORT = {"horizon": [2026, 2040], "targets": {2030: 0.3}}


def of(runs=3, **instruments):
    plan = {"name": "p", "base": "current-policies", **instruments}
    return load_variant("dunkirk", packages=[plan], policies=["current-policies", "p"], runs=runs, **SHORT)


def test_one_that_is_always_seen_is_a_schedule_from_the_second_year_on(tmp_path):
    once = {"value": 0.4, "when": "abated_share >= -1"}
    for name, share in (("signal", once), ("calendar", {"schedule": [[2027, 0.4]]})):
        run_experiment(of(grant_share=share), tmp_path / name, RunOptions(threads=1))
    signal, calendar = (read_table(tmp_path / name, "outcomes") for name in ("signal", "calendar"))
    starts = signal.pop("start_year_grant_share")
    assert signal.equals(calendar)
    assert starts[signal["policy"] == "p"].tolist() == [2027.0] * 3
    assert starts[signal["policy"] != "p"].isna().all()
    assert table_bytes(tmp_path / "signal")["series"] == table_bytes(tmp_path / "calendar")["series"]


def test_both_drivers_start_it_in_the_same_quarter_and_the_story_tells(tmp_path):
    network = read_scenario(CLUSTERS / "dunkirk").file.network[0].id
    plan = {
        "grant_share": {"value": 0.4, "when": f"signed_share.{network} >= 0.3"},
        "lock_in": {"value": 0.5, "when": "carbon_price_eur_per_t < 500 for 3 years"},
    }
    experiment = of(6, **plan)
    folder = tmp_path / "r"
    run_experiment(experiment, folder, RunOptions(threads=1))
    assert verify_result(folder, 12, 3).holds  # both drivers, bit by bit
    outcomes = read_table(folder, "outcomes").query("policy == 'p'")
    assert set(outcomes["start_year_lock_in"]) == {2029.0}  # Januaries of 2027, 2028, 2029
    assert outcomes["start_year_grant_share"].notna().any()
    story = replay_run(folder, "p", 0)
    assert story.matches
    assert any("lock_in starts at 0.5: its signal was seen" in line for line in story.lines)
    again = reopen(folder)
    assert (again.id, again.policies) == (experiment.id, experiment.policies)
    assert parse_package(package_data(experiment.policies[1]), "") == experiment.policies[1]


def test_one_that_is_for_some_starts_for_those_alone():
    scenario = read_scenario(CLUSTERS / "dunkirk")
    plan = {"value": 0.4, "when": "abated_share >= -1", "for": {"sector": "cement"}}
    pot = {"value": 80, "when": "abated_share >= -1", "for": {"sector": "cement"}}
    package = parse_package({"name": "p", "grant_share": plan, "ccfd_budget_meur_per_year": pot}, "")
    s = build_world(scenario, package, 2026, 2030, 1).template
    s.policy.ccfd_budget_meur_per_year = 50.0  # law
    start_by_signals(s, 4)
    for record, plant in zip(s.firms, scenario.plants, strict=True):
        row = s.policy[record.policy_table * 5 + 1]
        is_meant = plant.sector == "cement"
        assert (row.grant_share, row.ccfd_budget_meur_per_year) == ((0.4, 80.0) if is_meant else (0.0, 0.0))
    assert s.policy[1].ccfd_budget_meur_per_year == 80.0  # the pot
    assert s.policy[1].grant_share == 0.0


def test_in_a_network_of_clusters_each_waits_for_its_own_network():
    group = read_scenario(CLUSTERS / "itp-regions")
    kinds = {network.kind for network in group.file.network}
    kind = sorted(kinds)[0]
    package = parse_package({"name": "p", "grant_share": {"value": 0.4, "when": f"signed_share.{kind} > 0"}}, "")
    s = build_world(group, package, 2026, 2030, 1).template
    having = [c for c, cluster in enumerate(group.clusters) if any(n.kind == kind for n in cluster.file.network)]
    assert s.triggers.cluster.tolist() == having
    assert [int(s.networks[n].cluster) for n in s.triggers.network] == having
    assert np.array_equal(s.triggers.policy_table, having)


def test_a_member_that_waits_is_another_lever_than_one_that_does_not():
    scenario = read_scenario(CLUSTERS / "dunkirk")
    plain = parse_package({"name": "a", "grant_share": 0.4}, "")
    waits = parse_package({"name": "b", "grant_share": {"value": 0.4, "when": "reversals >= 1"}}, "")
    later = parse_package(
        {"name": "c", "base": "b", "grant_share": {"value": 0.4, "when": "reversals >= 2"}}, "", {"b": waits}
    )
    assert members(waits, plain) == ["grant_share"]
    assert taken_from(waits, plain, "grant_share", "a").instrument("grant_share") == plain.instrument("grant_share")
    for one, other in ((plain, waits), (waits, later)):
        assert differ(scenario, one, other, 2026, 2030)
    assert not differ(scenario, waits, waits, 2026, 2030)
    assert parse_package({"name": "d", "base": "b", "grant_share": 0.1}, "", {"b": waits}).signals == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("signed_share.h2 >= 0.6", "signed_share.h2 >= 0.6"),
        ("  carbon_price_eur_per_t<60 for 2 years ", "carbon_price_eur_per_t < 60 for 2 years"),
        ("abated_share > -0.1 for 1 year", "abated_share > -0.1"),
        ("milestone_gap <= 1e-2", "milestone_gap <= 0.01"),
    ],
)
def test_a_signal_is_written_as_it_is_read(text, told):
    signal = parse_signal(text, "", "when")
    assert str(signal) == told
    assert parse_signal(str(signal), "", "when") == signal


MISTAKES = [
    ("signed_shares.h2 >= 1", "unknown signal 'signed_shares'; did you mean 'signed_share'?"),
    ("signed_share >= 1", "expected signed_share.NETWORK"),
    ("abated_share.h2 >= 1", "expected abated_share, which is of the whole cluster"),
    ("abated_share = 1", "expected a signal, a comparison and a level"),
    ("abated_share >= much", "expected a signal, a comparison and a level"),
    ("abated_share >= 1e", "expected a number for the level"),
    ("abated_share >= 7", "expected a level of -1 to 1"),
    ("carbon_price_eur_per_t < 1e9", "expected a level of 0 to 2000 EUR/t"),
    ("abated_share >= 0.5 for 0 years", "expected one year or more"),
    ("", "expected a signal"),
    (3, "expected a signal"),
]


@pytest.mark.parametrize(("written", "words"), MISTAKES)
def test_a_mistake_in_a_signal_is_one_line(written, words):
    with pytest.raises(InputError) as told:
        parse_package({"name": "p", "grant_share": {"value": 0.4, "when": written}}, "", prefix="policy.p.")
    assert "policy.p.grant_share.when" in str(told.value)
    assert words in str(told.value)
    assert "\n" not in str(told.value)


def test_a_schedule_a_law_and_a_network_that_is_not_there_are_mistakes():
    with pytest.raises(InputError, match="has one strength"):
        parse_package({"name": "p", "grant_share": {"schedule": [[2030, 0.4]], "when": "reversals >= 1"}}, "")
    with pytest.raises(InputError, match="law does not wait"):
        parse_law({"grant_share": {"value": 0.4, "when": "reversals >= 1"}}, "")
    with pytest.raises(InputError, match=r"grant_share.when = 'dhume': no such network in dunkirk; did you mean 'dhune'"):
        of(grant_share={"value": 0.4, "when": "signed_share.dhume >= 0.6"})

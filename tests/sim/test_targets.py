"""Instruments that are for some only: a network, a sector, a plant, an owner. Everybody else stays under the law."""

from dataclasses import replace

import pytest

from clusterpact.agents.auctions import may_bid
from clusterpact.agents.governments import put_in_force, withdrawn_share
from clusterpact.agents.support import network_guarantee, policy_for, policy_of
from clusterpact.experiments.experiment import load_experiment
from clusterpact.experiments.folder.about import about_result
from clusterpact.experiments.folder.reopen import reopen
from clusterpact.experiments.questions.levers import levers_of, members, taken_from
from clusterpact.experiments.running.session import RunOptions, run_experiment
from clusterpact.experiments.variant import load_variant, package_data
from clusterpact.inputs import InputError
from clusterpact.policies.package import parse_law, parse_package
from clusterpact.policies.targets import KEYS
from clusterpact.results.report.sentences import instrument_rows
from clusterpact.sim.coverage import differ, policy_tables
from clusterpact.sim.scenario import CLUSTERS, read_scenario
from clusterpact.sim.world import build_world
from tests.commands import table_bytes

YEARS = 2026, 2035


@pytest.fixture(scope="module")
def dunkirk():
    return read_scenario(CLUSTERS / "dunkirk")


def package(**instruments):
    return parse_package({"name": "p", **instruments}, "")


def world(scenario, **instruments):
    return build_world(scenario, package(**instruments), *YEARS, seed=1)


def level(scenario, name, t=0, **instruments):
    """The strength of an instrument for every plant and network, by id."""
    found = world(scenario, **instruments)
    s = found.template
    agents = [*zip(found.firm_ids, s.firms, strict=True), *zip(found.network_ids, s.networks, strict=True)]
    return {agent: float(policy_for(s, record, t)[name]) for agent, record in agents}


def test_without_a_target_an_instrument_is_for_everyone_and_each_cluster_has_one_table(dunkirk):
    assert set(level(dunkirk, "grant_share", grant_share=0.3).values()) == {0.3}
    assert len(policy_tables(dunkirk, package(grant_share=0.3), *YEARS)[0]) == 1


def test_a_guarantee_for_one_network_leaves_the_others_under_the_law(dunkirk):
    s = world(dunkirk, infrastructure_guarantee_share={"value": 0.8, "for": {"network": "h2_pipeline"}}).template
    s.pacts.budget_left_meur = float("inf")
    kinds = {row.id: row.kind for row in dunkirk.file.network}
    covers = [network_guarantee(s, network, 100.0, 0) for network in s.networks]
    assert covers == [0.8 if kind == "h2_pipeline" else 0.0 for kind in kinds.values()]
    assert sum(cover > 0 for cover in covers) == 1
    named = {"value": 0.8, "for": {"network": [next(iter(kinds))]}}
    found = level(dunkirk, "infrastructure_guarantee_share", infrastructure_guarantee_share=named)
    assert {agent for agent, share in found.items() if share > 0} == {next(iter(kinds))}


@pytest.mark.parametrize(
    ("target", "means"),
    [
        ({"sector": ["cement", "lime"]}, lambda plant: plant.sector in ("cement", "lime")),
        ({"owner": "crh"}, lambda plant: plant.owner == "crh"),
        ({"plant": "dk6"}, lambda plant: plant.site == "dk6"),
        ({"plant": ["dk6"], "sector": ["cement"]}, lambda plant: plant.site == "dk6" or plant.sector == "cement"),
    ],
)
def test_whoever_is_named_by_any_key_is_meant(dunkirk, target, means):
    found = level(dunkirk, "grant_share", grant_share={"schedule": [[2026, 0.3]], "for": target})
    for plant in dunkirk.plants:
        assert found[plant.id] == (0.3 if means(plant) else 0.0)
    assert any(found.values())
    assert not all(found.values())


def test_who_is_not_meant_stays_under_the_law_year_by_year(dunkirk):
    place = replace(dunkirk, law=parse_law({"grant_share": {"schedule": [[2026, 0.1], [2030, 0.2]]}}, ""))
    plan = {"grant_share": {"schedule": [[2028, 0.5]], "for": {"sector": "cement"}}}
    for t, of_law, of_package in ((0, 0.1, 0.1), (8, 0.1, 0.5), (16, 0.2, 0.5)):
        found = level(place, "grant_share", t, **plan)
        for plant in place.plants:
            assert found[plant.id] == (of_package if plant.sector == "cement" else of_law)


def test_a_law_may_be_for_some_and_a_package_for_others(dunkirk):
    place = replace(dunkirk, law=parse_law({"grant_share": {"value": 0.1, "for": {"sector": "lime"}}}, ""))
    found = level(place, "grant_share", grant_share={"value": 0.5, "for": {"sector": "cement"}})
    by_sector = {plant.sector: found[plant.id] for plant in place.plants}
    assert (by_sector["lime"], by_sector["cement"], by_sector["gas_power"]) == (0.1, 0.5, 0.0)


def test_an_auction_is_one_pot_and_only_those_it_is_for_may_bid(dunkirk):
    place = replace(dunkirk, law=parse_law({"ccfd_budget_meur_per_year": 50, "ccfd_for_power": 1}, ""))
    s = world(place, ccfd_budget_meur_per_year={"value": 80, "for": {"sector": "cement"}}).template
    assert policy_of(s, 0, 0).ccfd_budget_meur_per_year == 80
    s.firms.candidate = s.firms.first_option + 1
    operating = [i for i, plant in enumerate(place.plants) if plant.status == "operating"]
    assert any(may_bid(s, i, 1) for i in operating)
    for i in operating:
        assert not may_bid(s, i, 1) or place.plants[i].sector == "cement"


def test_what_a_government_adopts_is_for_all(dunkirk):
    s = world(dunkirk, infrastructure_guarantee_share={"value": 0.9, "for": {"network": "h2_pipeline"}}).template
    width = s.policy.dtype.names.index("infrastructure_guarantee_share")
    row = next(r for r in range(s.adoptions.size) if s.adoptions[r].column == width and s.adoptions[r].may_adopt)
    s.adoptions[row].pending = 1
    put_in_force(s, 8)
    typical = float(s.adoptions[row].typical)
    kinds = [network.kind for network in dunkirk.file.network]
    before = [float(policy_for(s, network, 7).infrastructure_guarantee_share) for network in s.networks]
    after = [float(policy_for(s, network, 8).infrastructure_guarantee_share) for network in s.networks]
    assert before == [0.9 if kind == "h2_pipeline" else 0.0 for kind in kinds]
    assert after == [0.9 if kind == "h2_pipeline" else typical for kind in kinds]


def test_support_that_is_cut_for_some_is_a_word_that_is_broken(dunkirk):
    plan = {"grant_share": {"schedule": [[2026, 0.4], [2028, 0.1]], "for": {"plant": "dk6"}}}
    s = world(dunkirk, **plan).template
    state = int(s.pacts[0].support_government)
    assert withdrawn_share(s, state, 4) == 0.0
    assert withdrawn_share(s, state, 8) == pytest.approx(0.75)


def test_names_hold_with_and_without_the_cluster_in_a_network_of_clusters():
    group = read_scenario(CLUSTERS / "itp-regions")
    plant = group.plants[0]
    for name in (plant.id, plant.id.rsplit("/", 1)[-1]):
        found = level(group, "grant_share", grant_share={"value": 0.3, "for": {"plant": name}})
        assert found[plant.id] == 0.3
        assert sum(value > 0 for value in found.values()) < len(group.plants)
    s = world(group, grant_share={"value": 0.3, "for": {"sector": plant.sector}}).template
    for record, row in zip(s.firms, group.plants, strict=True):
        assert s.policy[record.policy_table * s.world[0].years].cluster == record.cluster
        assert policy_for(s, record, 0).grant_share == (0.3 if row.sector == plant.sector else 0.0)


def test_who_an_instrument_is_for_goes_into_the_manifest_and_comes_back(tmp_path):
    plan = {"name": "steel", "base": "pact", "grant_share": {"value": 0.3, "for": {"sector": "primary_steel"}}}
    short = {"policies": ["current-policies", "steel"], "horizon": [2026, 2029], "runs": 2}
    experiment = load_variant("dunkirk", packages=[plan], **short)
    everyone = load_variant("dunkirk", packages=[plan | {"grant_share": 0.3}], **short)
    assert experiment.id != everyone.id
    run_experiment(experiment, tmp_path / "r", RunOptions(threads=1))
    again = reopen(tmp_path / "r")
    assert again.policies == experiment.policies
    assert again.id == experiment.id
    steel = experiment.policies[1]
    assert parse_package(package_data(steel), "") == steel
    shown = instrument_rows(about_result(experiment, tmp_path / "r"))
    told = [row["schedule"] for row in shown if "(grant_share)" in row["name"]]
    assert told[-1] == "0.3 share, for sector primary_steel"


def test_a_target_that_names_all_gives_the_bytes_of_one_that_names_nobody(tmp_path):
    plants = [plant.site for plant in read_scenario(CLUSTERS / "dunkirk").plants]
    found = []
    for k, share in enumerate((0.3, {"value": 0.3, "for": {"plant": plants}})):
        experiment = load_variant("dunkirk", packages=[{"name": "q", "base": "pact", "grant_share": share}],
                                  policies=["current-policies", "q"], horizon=[2026, 2035], runs=3)  # fmt: skip
        run_experiment(experiment, tmp_path / str(k), RunOptions(threads=1))
        found.append(table_bytes(tmp_path / str(k)))
    assert found[0] == found[1]


def test_a_member_that_differs_by_whom_it_is_for_is_a_lever():
    experiment = load_experiment("dunkirk")
    scenario, base = experiment.scenario, package(grant_share=0.3, sanctions=1)
    narrow = {"name": "narrow", "base": "p", "grant_share": {"value": 0.3, "for": {"sector": "lime"}}}
    narrow = parse_package(narrow, "", {"p": base})
    assert members(narrow, base) == ["grant_share"]
    back = taken_from(narrow, base, "grant_share", "back")
    assert back.instrument("grant_share") == base.instrument("grant_share")
    assert taken_from(base, narrow, "grant_share", "x").targets == narrow.targets
    assert differ(scenario, narrow, base, *YEARS)
    assert not differ(scenario, narrow, narrow, *YEARS)
    found = levers_of(replace(experiment, policies=(base, narrow), baseline=base.name), "narrow", 2)
    assert any("grant_share" in policy.name for policy in found.policies)


def test_a_base_is_replaced_with_whom_it_is_for():
    first = package(grant_share={"value": 0.3, "for": {"sector": "lime"}}, sanctions=1)
    heir = parse_package({"name": "q", "base": "p", "grant_share": 0.2}, "", {"p": first})
    assert (heir.targets, heir.schedules["grant_share"]) == ({}, ((0, 0.2),))
    assert parse_package({"name": "q", "base": "p"}, "", {"p": first}).targets == first.targets


MISTAKES = [
    ({"grant_share": {"value": 0.3, "for": {"sectors": "lime"}}}, "grant_share.for.sectors", "'sector'"),
    ({"grant_share": {"value": 0.3, "for": {"network": "hydrogen"}}}, "grant_share.for.network", "for plants"),
    ({"infrastructure_guarantee_share": {"value": 0.3, "for": {"sector": "lime"}}}, "for.sector", "for networks"),
    ({"monitoring": {"value": 0.3, "for": {"sector": "lime"}}}, "monitoring.for", "the place as a whole"),
    ({"grant_share": {"value": 0.3, "for": "lime"}}, "grant_share.for = 'lime'", "{ plant = [names] }"),
    ({"grant_share": {"value": 0.3, "for": {"sector": []}}}, "grant_share.for.sector", "a name or names"),
    ({"grant_share": {"value": 0.3, "for": {"sector": [3]}}}, "grant_share.for.sector", "a name or names"),
    ({"grant_share": {"for": {"sector": "lime"}}}, "grant_share", "expected a number or"),
    ({"grant_share": {"value": 7, "for": {"sector": "lime"}}}, "grant_share = 7", "0 to 0.6"),
    ({"grant_share": {"value": 0.3, "foor": {"sector": "lime"}}}, "grant_share", "expected a number or"),
]


@pytest.mark.parametrize(("written", "key", "words"), MISTAKES)
def test_a_mistake_in_whom_it_is_for_is_one_line(written, key, words):
    with pytest.raises(InputError) as told:
        package(**written)
    assert key in str(told.value)
    assert words in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("target", "near"),
    [({"sector": "primary_steal"}, "primary_steel"), ({"plant": "dk7"}, "dk6"), ({"owner": "angie"}, "engie")],
)
def test_a_name_that_the_cluster_does_not_have_is_told_with_the_nearest(target, near):
    key = next(iter(target))
    assert key in KEYS
    with pytest.raises(InputError) as told:
        load_variant("dunkirk", packages=[{"name": "x", "grant_share": {"value": 0.3, "for": target}}])
    assert f"policy.x.grant_share.for.{key} = '{target[key]}'" in str(told.value)
    assert f"'{near}'" in str(told.value)

"""Whole runs in limiting cases: prices, worlds without a choice, scale, and negative controls (model.md, section 7).

How numbers are worked out and compared: `tests/worlds/limits.py`.
"""

import csv
import math
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import norm

from clusterpact.agents.bookings import belief
from clusterpact.agents.parameters import PARAMETER_DTYPE
from clusterpact.agents.vocabulary import CARBON, CARRIERS, COMMITTED, FAILED, IDLE, OPERATING, PLEDGED
from clusterpact.sim.measures import ACCOUNT_DTYPE, MEASURES, PRIVATE_LINES, PUBLIC_LINES
from clusterpact.sim.schedule import quarter
from clusterpact.sim.tables import LIBRARY
from clusterpact.sim.world import build_world
from tests.worlds.limits import (
    NO_POLICY,
    QUARTERS,
    YEARS,
    agree,
    partners,
    play,
    set_carbon_price,
    started,
    trust_of,
    within_four_errors,
    world,
)
from tests.worlds.random import random_package, random_parameters, random_scenario, simulate

pytestmark = pytest.mark.horizon

# Prices


def table_rows(name):
    """Rows of a table of the library."""
    with (LIBRARY / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def market_world(**changes):
    """A world with the prices and volatilities of the library, one plant, and nothing that moves prices but their noise."""
    quiet = {"reversal_probability": 0.0, "ratchet_per_year": 0.0, "spontaneous_adoption_per_year": 0.0}
    built = build_world(random_scenario(11), NO_POLICY, 2025, 2050, seed=5)
    for name, value in (quiet | changes).items():
        built.template.parameters.view(PARAMETER_DTYPE)[name] = value
    return built.template


@pytest.mark.parametrize("level", [0.0, 0.3, 0.5, 0.8, 1.0])
def test_without_noise_every_price_is_the_interpolated_path_of_its_table(level):
    levels = {f"{carrier}_price_level": level for carrier in CARRIERS}
    template = market_world(price_noise=0.0, **levels)
    s = started(template.copy(), 0, template)
    years = np.arange(2025, 2051)
    paths = {}
    for carrier in CARRIERS:
        rows = sorted((int(r["year"]), *(float(r[k]) for k in ("low", "mid", "high")))
                      for r in table_rows("prices.csv") if r["carrier"] == carrier)  # fmt: skip
        low, mid, high = (np.interp(years, [r[0] for r in rows], [r[k] for r in rows]) for k in (1, 2, 3))
        paths[carrier] = low + 2 * level * (mid - low) if level <= 0.5 else mid + (2 * level - 1) * (high - mid)
    for t in play(s):
        now = [np.interp(2025 + t / 4, years, paths[carrier]) for carrier in CARRIERS]
        agree(s.spots[0].price, now)
        if t % 4 == 3:
            four = [np.interp(2025 + k / 4, years, paths["carbon"]) for k in range(t - 3, t + 1)]
            agree(s.account[0].carbon_price_eur_per_t, np.mean(four))


@pytest.fixture(scope="module")
def noise():
    """4,000 runs of 26 years: log deviations in the last two quarters, factors on the path, and what is expected of them."""
    template = market_world()
    s = template.copy()
    logs, factors, expected = np.zeros((4000, 2, len(CARRIERS))), *np.zeros((2, 4000, len(CARRIERS)))
    for run in range(4000):
        started(s, run, template)
        for t in play(s):
            if t >= QUARTERS - 2:
                logs[run, t - QUARTERS + 2] = s.world[0].noise
        factors[run] = s.spots[0].price / s.market[25].path
        expected[run] = s.spots[0].expected_price / s.market[25].levelised
    rows = {row["carrier"]: row for row in table_rows("volatility.csv")}
    kappa, sigma = (np.array([float(rows[c][k]) for c in CARRIERS])
                    for k in ("mean_reversion_per_year", "sigma_per_sqrt_year"))  # fmt: skip
    return SimpleNamespace(logs=logs, factors=factors, expected=expected, kappa=kappa, sigma=sigma, state=s)


def test_noise_leaves_the_mean_of_every_price_on_its_path(noise):
    for factors in (noise.factors, noise.expected[:, 1:]):
        within_four_errors(factors.mean(axis=0), 1.0, factors.std(axis=0) / math.sqrt(4000))


def test_the_variance_of_log_prices_is_that_of_the_ornstein_uhlenbeck_process(noise):
    stationary = noise.sigma**2 / (2 * noise.kappa)
    by_now = stationary * (1 - np.exp(-2 * noise.kappa * 103 / 4))
    agree(noise.state.world[0].noise_variance, by_now)
    agree(noise.state.world[0].noise_variance, stationary, relative=1e-6)  # 26 years of mean reversion leave exp(-16)
    for quarter_of in range(2):
        within_four_errors(noise.logs[:, quarter_of].var(axis=0), stationary, stationary * math.sqrt(2 / 4000))
        within_four_errors(noise.logs[:, quarter_of].mean(axis=0), 0.0, np.sqrt(stationary / 4000))


def test_a_deviation_fades_at_its_rate_of_mean_reversion(noise):
    first, second = noise.logs[:, 0], noise.logs[:, 1]
    slope = (first * second).sum(axis=0) / (first**2).sum(axis=0)
    within_four_errors(slope, np.exp(-noise.kappa / 4), np.sqrt((1 - np.exp(-noise.kappa / 2)) / 4000))


def test_shocks_of_two_carriers_are_correlated_as_the_table_says(noise):
    """Fisher's z of the sample correlation is normal with a standard error of 1 / sqrt(n - 3)."""
    shocks = noise.logs[:, 1] - np.exp(-noise.kappa / 4) * noise.logs[:, 0]
    found = np.corrcoef(shocks.T)
    expected = np.eye(10)
    for row in table_rows("correlations.csv"):
        a, b = CARRIERS.index(row["carrier_a"]), CARRIERS.index(row["carrier_b"])
        expected[a, b] = expected[b, a] = float(row["correlation"])
    pairs = np.triu_indices(10, 1)
    within_four_errors(np.arctanh(found[pairs]), np.arctanh(expected[pairs]), 1 / math.sqrt(3997))


# Whole runs without a choice


def test_with_no_option_open_a_run_emits_its_baseline_and_moves_no_money():
    s = world(firms=3, networks=2, governments=3, spontaneous_adoption_per_year=0.0)
    s.technologies.first_quarter = QUARTERS
    s.firms.baseline_kt = s.firms.emission_kt = s.options[::2].emission_kt = s.options[::2].generated_kt = [100.0, 0.7, 3e3]
    s.pacts.baseline_kt = 3100.7
    totals = dict.fromkeys((measure.name for measure in MEASURES), 0.0)
    for t in play(started(s)):
        if t % 4 == 3:
            for name in totals:
                totals[name] += s.account.view(ACCOUNT_DTYPE)[0][name]
    agree(totals["scope1_kt"], 3100.7 * YEARS)
    agree(totals["carbon_cost_meur"], 0.1 * 3100.7 * YEARS)  # 100 EUR/t in every year
    agree(totals["jobs_total"], 3 * 300 * YEARS)
    agree(totals["gva_total_meur"], 3 * 100 * YEARS)
    agree(totals["gate_1"], YEARS)
    for name in (*PUBLIC_LINES, *PRIVATE_LINES, "captured_kt", "displaced_kt", "project_capex_meur", "network_capex_meur"):
        assert totals[name] == 0.0, name


@pytest.mark.parametrize(("age", "campaign", "renewals"), [(0.0, 17.0, 1), (9.0, 17.0, 2), (16.75, 17.0, 2), (0.0, 26.0, 1)])
def test_an_idle_plant_pays_one_renewal_a_campaign(age, campaign, renewals):
    s = world(options_per_firm=1)
    s.options.campaign_years, s.options.renewal_meur, s.firms.start_age = campaign, 40.0, age
    paid = sum(s.account[0].renewal_meur for t in play(started(s)) if t % 4 == 3)
    assert renewals == math.floor((age + 26) / campaign)
    agree(paid, 40.0 * renewals)


# Scale: twice the cluster, plant by plant, is twice of everything and no other decision

EXTENSIVE = {
    "options": ("emission_kt", "captured_kt", "allocation_kt", "volume", "heat_gwh", "capex_meur", "renewal_meur",
                "greenfield_meur", "opex_meur", "energy_gwh", "generated_kt"),
    "firms": ("baseline_kt", "emission_kt", "gas_kt", "jobs", "gva_meur", "campaign_meur"),
    "owners": ("group_cash_flow_meur", "group_net_debt_meur", "gva_meur"),
    "networks": ("phase", "phase_capex_meur", "grant_meur", "limit", "capacity"),
    "financiers": ("capital_meur", "ticket_min_meur", "ticket_max_meur"),
    "pacts": ("baseline_kt",), "links": ("heat_gwh", "capex_meur"),
    "policy": ("ccfd_budget_meur_per_year", "budget_meur_per_year"),
}  # fmt: skip
PER_CLUSTER = ("kt", "GWh", "MEUR", "jobs", "MEUR/year", "kt CO2e", "kt CO2", "kt or GWh/year")


@pytest.mark.parametrize("number", range(24))
def test_twice_the_size_of_everything_is_twice_the_amounts_and_the_same_decisions(number):
    """A factor of two is exact in binary, so that all runs of random worlds must agree to the last bit."""
    worlds = [build_world(random_scenario(number), random_package(number), 2025, 2050, seed=number) for _ in range(2)]
    parameters = random_parameters(number, 6)
    parameters.spontaneous_adoption_per_year = 0.0  # a budget that is adopted has a size of its own
    for array, names in EXTENSIVE.items():
        for name in names:
            getattr(worlds[1].template, array)[name] *= 2
    once = simulate(worlds[0], parameters)
    parameters.orchestrator_cost_meur_per_year *= 2
    twice = simulate(worlds[1], parameters)
    for measure in MEASURES:
        factor = 2 if measure.unit in PER_CLUSTER else 1
        np.testing.assert_array_equal(twice[0][measure.name], factor * once[0][measure.name], measure.name)
    for k in (1, 2):
        np.testing.assert_array_equal(twice[k], once[k])
    np.testing.assert_array_equal(twice[3], once[3] * [1, 1, 2, 1])


# Negative controls


def utility_with(success, **changes):
    """U at the first board of a firm with five peers that all run a new plant (+1), failed (-1), or neither (0)."""
    s = world(firms=6, capability_start=0.0, **changes)
    peers = s.firms[1:]
    if success > 0:
        peers.option, peers.switched, peers.stage, peers.base_intact = 2 * np.arange(1, 6) + 1, 1, OPERATING, 0
        peers.fid_quarter = peers.start_quarter = 0
    if success < 0:
        peers.stage, peers.failures, peers.failed_until = FAILED, 1, QUARTERS
    started(s)
    for _ in play(s, 0, 4):
        pass
    return s.firms[0].utility, s.firms[0].value, s.firms[0].norm


def test_without_norm_weight_and_hurdle_premium_the_success_of_peers_does_not_matter():
    utilities = {utility_with(success, norm_weight=0.0, hurdle_premium_pp=0.0)[0] for success in (-1, 0, 1)}
    assert len(utilities) == 1


@pytest.mark.parametrize("weight", [0.0, 0.1, 0.3, 1.0])
def test_utility_is_value_and_norm_in_the_proportion_of_the_norm_weight(weight):
    for success, expected in ((-1, 0.0), (0, 0.0), (1, 1.0)):
        utility, value, found = utility_with(success, norm_weight=weight)
        agree(found, expected)
        agree(utility, (1 - weight) * value + weight * (expected - 0.5))


def test_a_signature_that_binds_nothing_is_worth_exactly_the_trust_and_one_that_binds_all_is_certain():
    pledged, signed, bound = (
        partners((IDLE, stage), (300.0, 400.0), kept=(0, 3), broken=(0, 1), bindingness=psi)
        for stage, psi in ((PLEDGED, 0.0), (COMMITTED, 0.0), (COMMITTED, 1.0))
    )
    assert belief(signed, 0, 0) == belief(pledged, 0, 0)
    pi = trust_of(signed, 0, 3, 1)
    expected = norm.cdf((300 + 400 * pi - 800) / math.sqrt(400**2 * pi * (1 - pi) + 40**2))
    agree(belief(signed, 0, 0), expected)
    agree(signed.networks[0].believed, 400.0 * signed.networks[0].disposition)
    agree(belief(bound, 0, 0), norm.cdf(-100 / 40))
    agree(bound.networks[0].believed, 400.0)


def test_without_education_and_projects_capability_stays_where_it_started():
    s = world(firms=3, options_per_firm=1, capability_start=0.4)
    for _ in play(started(s)):
        assert (s.firms.capability == 0.4).all()


def test_without_witnesses_promises_to_nobody_in_particular_leave_no_trace():
    s = started(world(options_per_firm=1, witness_discount=0.0))
    for t in range(QUARTERS):
        s.firms[0].c1_due, s.firms[0].c1_honoured, s.pacts[0].transparency = t, t % 2, 1.0
        quarter(s, t)
        assert s.pacts[0].mean_trust == 0.5


def test_without_monitoring_broken_pledges_disappear_and_kept_ones_are_seen():
    s = started(world(options_per_firm=1, transparency=0.0, trust_memory=1.0, witness_discount=1.0))
    for t in range(QUARTERS):
        s.firms[0].c1_due, s.firms[0].c1_honoured = t, t % 2
        quarter(s, t)
        kept = (t + 1) // 2
        agree(s.pacts[0].mean_trust, (kept + 1) / (kept + 2))


def test_policy_without_ratchet_and_reversal_stays_as_announced():
    s = world(options_per_firm=1, ratchet_per_year=0.0, reversal_probability=0.0)
    set_carbon_price(s, 100 + 4.0 * np.arange(YEARS))
    s.governments.reversal_exposed, s.market.target = 1, 1.0
    for t in play(started(s)):
        assert s.governments[0].price_scale == 1.0
        assert (s.market.in_force == s.market.announced).all()
        agree(s.spots[0].price[CARBON], 100.0 + min(t, 100))

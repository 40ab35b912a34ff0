"""The accounts: seasons of heat, CO2, contracts, levels and closed books that cannot be cooked."""

import numpy as np
import pytest

from clusterpact.agents.lending import client_of_network, owe
from clusterpact.agents.plant import emission_rate
from clusterpact.agents.support import contract_payment
from clusterpact.agents.vocabulary import (
    BUILDING,
    COMMITTED,
    ELECTRICITY,
    FID,
    NATURAL_GAS,
    NET_OPERATING,
    OPERATING,
    PLEDGED,
)
from clusterpact.sim.audit import audit, audit_capacity, audit_carbon, audit_loans, differs
from clusterpact.sim.books import account_networks, keep_accounts, open_year
from tests.worlds.small import NEVER, small_state


def year(s, quarters=4):
    for t in range(quarters):
        open_year(s, t)
        keep_accounts(s, t)
    return s.account[0]


def test_waste_heat_serves_homes_in_the_cold_quarters_and_makes_power_in_the_warm_ones():
    s = small_state()
    s.options[0].heat_gwh = 87.6  # 10 MW: a quarter is 21.9 GWh of heat, less 8 % on its way, or 18 % of it as power
    heat, power = [], []
    for t in range(4):
        before = (s.account[0].heat_sold_gwh, s.account[0].heat_power_gwh)
        keep_accounts(s, t)
        heat.append(s.account[0].heat_sold_gwh - before[0])
        power.append(s.account[0].heat_power_gwh - before[1])
    assert heat == pytest.approx([20.148, 0.0, 0.0, 20.148])
    assert power == pytest.approx([0.0, 3.942, 3.942, 0.0])


def test_a_plant_that_is_not_built_uses_no_power_and_has_no_jobs():
    s = small_state()
    s.options.energy_gwh[::2, ELECTRICITY] = 200.0
    s.firms[1].planned = 1
    account = year(s)
    assert account.scope2_gwh == pytest.approx(200.0)
    assert (account.jobs_direct, account.jobs_total, account.gva_total_meur) == (100.0, 300.0, 100.0)


def test_co2_at_the_start_is_emitted_captured_or_displaced():
    s = small_state()
    s.firms[0].option, s.firms[0].switched = 1, 1
    s.options[1].emission_kt, s.options[1].captured_kt, s.options[1].generated_kt = 100.0, 700.0, 800.0
    account = year(s)
    assert (account.scope1_kt, account.captured_kt) == pytest.approx((1100.0, 700.0))
    assert account.displaced_kt == pytest.approx(200.0)
    assert account.abated_share == pytest.approx(0.45)
    assert s.pacts[0].abated_share == pytest.approx(0.45)


@pytest.mark.parametrize(("relief", "emissions"), [(0.0, 1000.0), (94.0, 980.0), (940.0, 920.0)])
def test_heat_from_neighbours_saves_the_co2_of_gas_up_to_the_gas_that_is_burnt(relief, emissions):
    s = small_state()
    s.options[0].energy_gwh[NATURAL_GAS] = 400.0  # 94 GWh of heat save 100 GWh of gas, 20 kt
    s.firms[0].heat_relief_gwh = relief
    assert emission_rate(s, s.firms[0]) == pytest.approx(emissions)


def contracted(strike):
    s = small_state()
    firm = s.firms[0]
    firm.option, firm.previous_option, firm.switched, firm.stage, firm.start_quarter = 1, 0, 1, OPERATING, 0
    firm.running_strike, firm.running_until, firm.contract_kt = strike, 60, 900.0
    return s


@pytest.mark.parametrize(("strike", "payment"), [(120.0, 4.5), (100.0, 0.0), (60.0, -9.0), (0.0, 0.0)])
def test_a_contract_pays_the_difference_and_takes_it_back_above_the_strike(strike, payment):
    s = contracted(strike)
    assert contract_payment(s, s.firms[0]) == pytest.approx(payment)  # (strike - 100) * 900 / 4000


def test_a_contract_pays_for_the_tonnes_that_it_was_won_for_whatever_runs():
    s = contracted(120.0)
    s.firms[0].option = s.firms[0].previous_option  # another project, or none
    assert contract_payment(s, s.firms[0]) == pytest.approx(4.5)


def test_a_contract_pays_nothing_before_the_plant_runs():
    s = contracted(0.0)
    s.firms[0].strike, s.firms[0].stage, s.firms[0].start_quarter = 120.0, BUILDING, -1
    assert contract_payment(s, s.firms[0]) == 0.0


def test_a_running_contract_goes_on_paying_while_the_firm_climbs_the_ladder_again():
    s = contracted(120.0)
    s.firms[0].stage = PLEDGED
    assert contract_payment(s, s.firms[0]) == pytest.approx(4.5)


def test_the_account_starts_anew_every_january():
    s = small_state()
    year(s, quarters=4)
    assert s.account[0].scope1_kt == pytest.approx(2000.0)
    open_year(s, 4)
    assert s.account[0].scope1_kt == 0.0
    assert s.account[1].scope1_kt == 0.0


def test_prices_are_averaged_over_the_year():
    s = small_state()
    for t in range(4):
        s.spots[0].price[0] = 100.0 + 10.0 * t
        keep_accounts(s, t)
    assert s.account[0].carbon_price_eur_per_t == pytest.approx(115.0)


def test_the_ladder_is_reported_by_baseline_emissions():
    s = small_state(firms=4)
    s.firms.baseline_kt = [400.0, 300.0, 200.0, 100.0]
    s.firms.stage = [PLEDGED, COMMITTED, FID, OPERATING]
    s.firms[3].switched = 1
    s.pacts.baseline_kt = 1000.0
    account = year(s)
    shares = (account.pledged_share, account.committed_share, account.decided_share, account.operating_share)
    assert shares == pytest.approx((0.4, 0.3, 0.2, 0.1))


def test_the_states_share_of_a_networks_account_is_booked_as_it_arises():
    s = small_state()
    s.networks[0].guarantee, s.networks[0].cover_limit_meur = 0.76, 30.0
    booked = []
    for balance in (10.0, 30.0, 20.0, 200.0, -5.0):
        s.networks[0].account_meur = balance
        account_networks(s)
        booked.append(s.account[0].network_cover_meur)
    assert booked == pytest.approx([7.6, 22.8, 15.2, 30.0, 0.0])  # never more than was promised


def test_a_cluster_that_emits_nothing_reports_finite_numbers():
    s = small_state(firms=1, networks=0, financiers=0)
    s.firms.baseline_kt = s.pacts.baseline_kt = s.options.emission_kt = s.options.generated_kt = 0.0
    s.firms.visibility = 0.0
    account = year(s)
    assert all(np.isfinite(account[name]).all() for name in account.dtype.names)


# Closed books: a fair set, and every way to cook it.


def fair_books():
    s = small_state(firms=2)
    firm, network, account = s.firms[0], s.networks[0], s.account[0]
    s.options[1].volume[0], s.options[1].captured_kt, s.options[1].generated_kt = 400.0, 700.0, 800.0
    firm.option, firm.switched, firm.debt_meur, firm.booked[0] = 1, 1, 60.0, 400.0
    network.stage, network.capacity, network.booked, network.used = NET_OPERATING, 600.0, 400.0, 400.0
    network.debt_meur = 200.0
    owe(s, 0, 0, firm.owner, 60.0)
    owe(s, 0, len(s.firms), client_of_network(s, 0), 200.0)
    firm.corporate_debt_meur = s.owners[0].debt_meur = 8.0
    account.project_capex_meur, account.grants_meur, account.equity_meur = 108.0, 15.0, 15.0
    account.debt_meur, account.concessional_meur, account.corporate_debt_meur = 60.0, 10.0, 8.0
    account.network_capex_meur, account.network_grants_meur = 300.0, 40.0
    account.network_equity_meur, account.network_debt_meur = 60.0, 200.0
    keep_accounts(s, 0)
    return s


def test_fair_books_pass_the_audit():
    audit(fair_books())


@pytest.mark.parametrize(
    ("record", "fields", "complaint"),
    [
        ("account", {"grants_meur": 14.0}, "projects has no source"),
        ("account", {"concessional_meur": 11.0}, "projects has no source"),
        ("account", {"corporate_debt_meur": 0.0}, "projects has no source"),
        ("account", {"network_equity_meur": 61.0}, "networks has no source"),
        ("firms", {"emission_kt": 101.0}, "not those of the plant"),
        ("firms", {"emission_kt": 99.0}, "not those of the plant"),
        ("firms", {"captured_kt": 699.0}, "not emitted, captured or saved"),
        ("firms", {"debt_meur": 59.0}, "a firm's debt is not what it owes"),
        ("firms", {"corporate_debt_meur": 9.0}, "an owner's debt is not what it raised"),
        ("owners", {"debt_meur": 7.0}, "an owner's debt is not what it raised"),
        ("networks", {"debt_meur": 201.0}, "a network's debt is not what it owes"),
        ("financiers", {"exposure_meur": 0.0}, "exposure is not what is owed"),
        ("networks", {"booked": 399.0}, "bookings or use"),
        ("networks", {"used": 401.0}, "bookings or use"),
        ("networks", {"capacity": 399.0}, "beyond its capacity"),
        ("networks", {"extension": 201.0}, "beyond its capacity"),
    ],
)
def test_every_way_to_cook_the_books_is_caught(record, fields, complaint):
    s = fair_books()
    for name, value in fields.items():
        setattr(getattr(s, record)[0], name, value)
    with pytest.raises(ValueError, match=complaint):
        audit(s)


@pytest.mark.parametrize(("generated_kt", "balanced"), [(783.0, False), (785.0, True), (816.0, True), (818.0, False)])
def test_fuel_and_process_must_hold_what_is_emitted_and_captured_within_two_percent(generated_kt, balanced):
    s = fair_books()
    s.options[s.firms[0].option].generated_kt = generated_kt  # 100 kt emitted and 700 captured
    if balanced:
        audit_carbon(s)
    else:
        with pytest.raises(ValueError, match="not emitted, captured or saved"):
            audit_carbon(s)


@pytest.mark.parametrize("lent", [0.0, 59.0, 61.0])
@pytest.mark.parametrize("book", ["loans", "clients"])
def test_loans_to_firms_and_to_groups_that_are_not_a_lenders_exposure_are_caught(book, lent):
    s = fair_books()
    getattr(s, book)[0] = lent
    with pytest.raises(ValueError, match="exposure is not what is owed"):
        audit(s)


def test_the_debt_of_an_owner_is_that_of_all_its_plants():
    s = small_state(firms=3, networks=0)
    s.firms[2].owner, s.firms[0].sibling, s.owners[2].first_firm = 0, 2, NEVER
    s.firms.corporate_debt_meur, s.owners.debt_meur = [5.0, 20.0, 3.0], [8.0, 20.0, 0.0]
    audit_loans(s)
    s.owners[0].debt_meur = 5.0
    with pytest.raises(ValueError, match="an owner's debt"):
        audit_loans(s)


def test_negative_bookings_are_caught():
    s = fair_books()
    s.firms[1].booked[0], s.networks[0].booked = -500.0, -100.0
    with pytest.raises(ValueError, match="negative capacity"):
        audit(s)


def test_books_are_audited_every_quarter_only_with_the_switch_on():
    s = fair_books()
    s.financiers[0].exposure_meur = 0.0
    keep_accounts(s, 1)
    s.world[0].check_books = 1
    with pytest.raises(ValueError, match="exposure"):
        keep_accounts(s, 2)


@pytest.mark.parametrize(
    ("a", "b", "apart"),
    [
        (1e-9, 0.0, False), (1.5e-9, 0.0, True), (0.0, -1.5e-9, True),  # below one the tolerance is absolute
        (1000.0, 1000.0000005, False), (1000.0000015, 1000.0, True), (-1000.0, -1000.0000005, False),
    ],
)  # fmt: skip
def test_sums_agree_to_a_billionth_of_the_larger_one(a, b, apart):
    assert differs(a, b) == apart


def test_heat_from_a_neighbour_may_save_emissions():
    s = fair_books()
    s.options.energy_gwh[:, NATURAL_GAS] = 100.0
    s.firms[1].heat_relief_gwh, s.firms[1].emission_kt = 0.47, 999.9
    audit_carbon(s)
    s.firms[1].heat_relief_gwh = 0.0
    with pytest.raises(ValueError, match="not those of the plant"):
        audit_carbon(s)


def test_emissions_may_exceed_those_of_the_plant_by_the_tolerance():
    s = small_state(firms=1)
    s.options.emission_kt = s.options.generated_kt = 0.0
    s.firms[0].emission_kt = 1e-9
    audit_carbon(s)


def test_every_lender_is_owed_its_own_loans():
    s = small_state(financiers=3)
    s.firms[1].debt_meur, s.networks[0].debt_meur = 60.0, 200.0
    owe(s, 1, 1, 1, 60.0)
    owe(s, 2, 2, client_of_network(s, 0), 200.0)
    assert s.financiers.exposure_meur.tolist() == [0.0, 60.0, 200.0]
    audit_loans(s)
    s.financiers.exposure_meur = [0.0, 200.0, 60.0]
    with pytest.raises(ValueError, match="exposure is not what is owed"):
        audit_loans(s)


def booked_and_used(capacity, booked, used):
    """A network of which one firm has booked and uses so much, kt/year."""
    s = small_state(firms=1)
    s.networks[0].capacity = capacity
    s.networks[0].booked = s.firms[0].booked[0] = booked
    s.networks[0].used = s.options[0].volume[0] = used
    return s


@pytest.mark.parametrize(("capacity", "slack"), [(0.0, 1e-9), (0.5, 1e-9), (1000.0, 1e-6)])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_network_is_full_or_empty_to_a_billionth_of_its_capacity(capacity, slack, sign):
    bound = capacity if sign > 0 else 0.0
    for amount in (bound + sign * slack, bound + sign * 0.5 * slack):
        audit_capacity(booked_and_used(capacity, amount, 0.0))
        audit_capacity(booked_and_used(capacity, 0.0, amount))
    for booked, used in ((bound + sign * 1.5 * slack, 0.0), (0.0, bound + sign * 1.5 * slack)):
        with pytest.raises(ValueError, match="beyond its capacity" if sign > 0 else "negative capacity"):
            audit_capacity(booked_and_used(capacity, booked, used))

"""The records that agents are: every field with its type, unit and meaning. Rules read and write them, under both drivers.

A record is at once the data dictionary, the memory layout, the checkpoint and the documentation.
"""

import numpy as np

from clusterpact.agents.firm_fields import ASSESSMENT, FIRM, OPTION
from clusterpact.agents.layout import EVIDENCE, Field, Kind, place, whole
from clusterpact.agents.theories import THEORIES
from clusterpact.agents.vocabulary import N_BUDGETS, N_CARRIERS, N_GOODS

PLEDGE_YEARS_AHEAD = 5  #: a pledge is worth what the project would be worth in so many years
YEARS_AHEAD = 40  #: longest look ahead of an appraisal: seven years of lead time and a life of at most 30 years

WORLD = (
    Field("seed", "-", "seed of the experiment", "u8"),
    Field("run", "-", "number of the run", "u8"),
    whole("start_year", "first year of the horizon", "year"),
    whole("check_books", "1: audit the closed books every quarter"),
    *(whole(f"{decision}_rule", f"number of the theory in force for {decision}") for decision in THEORIES),
    Field("noise", "log", "deviation of each carrier's price from its path", shape=(N_CARRIERS,)),
    Field("noise_variance", "log^2", "variance of that deviation over runs", shape=(N_CARRIERS,)),
    Field("shock", "-", "standard normal shocks of this quarter", shape=(N_CARRIERS,)),
    whole("years", "years of the horizon", "year"),
    Field("outlook", "EUR/t", "carbon price expected by the appraiser, per year ahead", shape=(YEARS_AHEAD,)),
)

SPOT = (
    Field("price", "EUR/MWh (carbon EUR/t)", "price of each carrier in this quarter", shape=(N_CARRIERS,)),
    Field("expected_price", "EUR/MWh", "levelised price that firms expect over 20 years", shape=(N_CARRIERS,)),
    Field("past_carbon_price", "EUR/t", "carbon price of the last four quarters", shape=(4,)),
    Field("carbon_price_trend", "1/year", "adaptive trend of the carbon price"),
    Field("announced_ahead", "EUR/t", "announced carbon price, per year ahead", shape=(YEARS_AHEAD + PLEDGE_YEARS_AHEAD,)),
    Field("trend_ahead", "EUR/t", "carbon price if the trend goes on, per year ahead", shape=(YEARS_AHEAD,)),
    Field("lenders_outlook", "EUR/t", "carbon price expected by the lenders, per year ahead", shape=(YEARS_AHEAD,)),
    Field("lenders_sum", "EUR/t", "sum of it over the years up to one", shape=(YEARS_AHEAD,)),
)

TECHNOLOGY = (
    whole("first_quarter", "first quarter in which it is on the market"),
    Field("first_year", "year", "first year on the market"),
    Field("novelty", "-", "share of the first-of-a-kind premium that it carries"),
    Field("learning_exponent", "-", "log2(1 - learning rate): capital cost falls as E to this power"),
    Field("experience", "projects", "1 + FIDs inside and outside the cluster (E)"),
    Field("decided", "projects", "FIDs in the cluster before this quarter"),
    Field("decided_now", "projects", "FIDs of this quarter"),
    Field("premium", "-", "novelty * E**-b: factor on the technology premium"),
    Field("cost", "-", "factor on capital cost"),
    whole("family", "its family: which barriers that are not money it meets"),
)

NETWORK = (
    Field("id", "-", "hash of the operator's name", "u8"),
    whole("cluster", "row of its pact"),
    whole("policy_table", "number of the yearly table of instruments in force for it"),
    whole("kind", "kind of network"),
    Field("phase", "kt or GWh/year", "size of the first phase"),
    Field("phase_capex_meur", "MEUR", "capital cost of the first phase"),
    Field("scale_exponent", "-", "economy of scale of the capital cost"),
    Field("opex_share", "1/year", "operating cost as a share of capital cost"),
    whole("lead_quarters", "construction time", "quarter"),
    Field("life_years", "year", "depreciation time"),
    Field("tariff_cap", "EUR/t or EUR/MWh", "highest tariff"),
    Field("service", "EUR/t or EUR/MWh", "cost beyond the network, such as shipping and storage"),
    whole("first_season", "first quarter of open seasons", "quarter"),
    Field("grant_meur", "MEUR", "public grant to the first phase"),
    Field("limit", "kt or GWh/year", "largest capacity that can ever be built (infinite if unlimited)"),
    whole("stage", "proposed, building or operating"),
    Field("capacity", "kt or GWh/year", "capacity decided"),
    Field("extension", "kt or GWh/year", "capacity under construction"),
    place("extension_ready", "quarter in which the extension opens", "quarter"),
    Field("booked", "kt or GWh/year", "capacity held by firms"),
    Field("used", "kt or GWh/year", "capacity used by firms that run"),
    whole("season", "1: open season in this quarter"),
    Field("signed", "kt or GWh/year", "volume under conditional commitments"),
    Field("believed", "kt or GWh/year", "signed volume discounted by the operator's trust (B)"),
    Field("threshold", "kt or GWh/year", "volume needed for its FID (Q*)"),
    Field("mu", "kt or GWh/year", "expected volume: intercept and slope in the believer's disposition", shape=(2,)),
    Field("variance", "(kt or GWh/year)^2", "variance: three coefficients in the believer's disposition", shape=(3,)),
    whole("published", "1: bookings are published, so no ambiguity remains"),
    place("fid_quarter", "quarter of its FID", "quarter"),
    whole("planned_quarter", "promised ready quarter", "quarter"),
    place("ready_quarter", "actual ready quarter", "quarter"),
    whole("c4_seen", "1: the outcome of its promise was observed"),
    Field("signed_at_fid", "-", "signed share of the first phase at its FID"),
    Field("guarantee", "-", "share that the state covers, fixed at its FID"),
    Field("invested_meur", "MEUR", "capital cost so far"),
    Field("granted_meur", "MEUR", "grants so far"),
    Field("asset_base_meur", "MEUR", "regulated asset base"),
    Field("account_meur", "MEUR", "amortisation account: revenue not yet recovered"),
    Field("cover_limit_meur", "MEUR", "most that the state covers, promised at its FID"),
    Field("covered_meur", "MEUR", "state's share of the account, booked so far"),
    Field("tariff", "EUR/t or EUR/MWh", "tariff in force"),
    Field("debt_meur", "MEUR", "outstanding debt"),
    Field("repayment_meur", "MEUR/quarter", "repayment of debt"),
    Field("equity_meur", "MEUR", "equity invested"),
    Field("disposition", "-", "base-rate trust in others (a)"),
    *EVIDENCE,
)

FINANCIER = (
    Field("id", "-", "hash of its name", "u8"),
    Field("capital_meur", "MEUR", "capital (K)"),
    Field("base_rate", "1/year", "required return without risk"),
    Field("novelty_appetite", "-", "factor on the technology premium"),
    Field("ticket_min_meur", "MEUR", "smallest loan"),
    Field("ticket_max_meur", "MEUR", "largest loan"),
    Field("disposition", "-", "base-rate trust in others (a)"),
    Field("exposure_meur", "MEUR", "outstanding loans"),
    Field("npl_meur", "MEUR", "non-performing loans"),
    Field("confidence_pp", "pp", "extra spread after defaults (C)"),
    Field("defaulted_now_meur", "MEUR", "loans defaulted in this quarter"),
)

OWNER = (
    Field("id", "-", "hash of its name", "u8"),
    Field("group_cash_flow_meur", "MEUR/year", "cash flow of the whole group, 0 if its accounts are not known"),
    Field("group_net_debt_meur", "MEUR", "net debt of the whole group"),
    Field("gva_meur", "MEUR/year", "gross value added of its plants in the world"),
    place("first_firm", "row of its first plant"),
    Field("cash_flow_meur", "MEUR/year", "cash flow within reach of its plants in the world"),
    Field("budget_meur", "MEUR", "what is left of its capital budget"),
    Field("debt_limit_meur", "MEUR", "debt that it can raise for projects on its balance sheet"),
    Field("debt_meur", "MEUR", "outstanding debt that it raised for them"),
)

GOVERNMENT = (
    Field("id", "-", "hash of its name", "u8"),
    whole("sets_carbon_price", "1: announces the carbon price"),
    whole("awards_support", "1: pays grants, contracts and guarantees"),
    whole("governs_pact", "1: may set up orchestrator and monitoring"),
    whole("reversal_exposed", "1: an election may reverse its policy"),
    whole("home", "row of the largest cluster that it has a say in"),
    Field("price_scale", "-", "share of the uplift over the first year's carbon price that is in force"),
    whole("first_election", "quarter of its first election", "quarter"),
    whole("term_quarters", "from one election to the next", "quarter"),
    whole("frozen_until", "quarter until which it makes no new award", "quarter"),
    whole("reversals", "reversals so far"),
    whole("reversed_now", "1: reversed in this quarter; 2: earlier in this year"),
    Field("promised_meur", "MEUR", "grants that projects decided in this year could expect"),
    Field("paid_meur", "MEUR", "grants that they got"),
    Field("gap", "-", "abated share short of its milestone"),
    whole("gap_fell", "1: the gap fell in the last year, or what is due is met"),
    *EVIDENCE,
)

PACT = (
    whole("own_mode", "governance mode without a policy"),
    whole("mode", "governance mode in force"),
    whole("first_firm", "row of its first member; members follow one another"),
    whole("n_firms", "number of its members"),
    whole("anchor", "row of the largest emitter"),
    Field("baseline_kt", "kt/year", "scope-1 emissions at the start"),
    whole("carbon_government", "row of the government that sets the carbon price"),
    whole("support_government", "row of the government that awards support"),
    whole("pact_government", "row of the government that governs the pact"),
    whole("rules_adopted", "1: monitoring and sanctions are in force"),
    Field("transparency", "-", "probability that a broken promise becomes public (m)"),
    Field("sanction", "-", "sanction per breach step, share of capex (sigma_s)"),
    Field("fund_meur", "MEUR", "deposits of broken promises that its office has not used yet"),
    Field("mean_trust", "-", "emission-weighted trust in members"),
    Field("lenders_trust", "-", "mean trust of lenders in the government that sets the carbon price"),
    Field("budget_left_meur", "MEUR", "what is left of each public budget (infinite without one)", shape=(N_BUDGETS,)),
    Field("adopters_capability", "-", "mean capability of firms that decided"),
    Field("abated_share", "-", "abated share of scope 1"),
    Field("watched", "-", "sums over peers of trust: intercept and slope in disposition", shape=(2,)),
    Field("succeeded", "-", "the same sums over success less failure", shape=(2,)),
)

LINK = (
    whole("source", "row of the firm that gives heat"),
    whole("sink", "row of the firm that takes heat"),
    Field("heat_gwh", "GWh/year", "heat on offer"),
    Field("capex_meur", "MEUR", "cost of the link, half each"),
    place("formed_quarter", "quarter in which it formed", "quarter"),
    whole("ended", "1: ended because a party failed"),
)

PROJECT = (
    # A project in hand at the start of the run: of a firm, and what became of it.
    place("firm", "row of its firm"),
    place("option", "row of the option that it is for"),
    whole("stage", "where it stood at the start"),
    whole("planned_quarter", "start as last planned", "quarter"),
    Field("grant_meur", "MEUR", "grant in hand for it"),
    Field("strike", "EUR/t", "strike price of a carbon contract in hand for it, 0 if none"),
    place("next", "row of the next phase of the same unit"),
    place("fid_quarter", "quarter of its decision (0: decided before the start)", "quarter"),
    place("start_quarter", "quarter in which it started", "quarter"),
    place("dropped_quarter", "quarter in which it was given up", "quarter"),
)

RESOURCE = (
    whole("cluster", "row of its pact"),
    whole("carrier", "carrier that is limited there"),
    Field("available", "GWh or kt/year", "what all plants together can get"),
    Field("price_rise", "-", "share by which it is dearer once all is used"),
    Field("used", "GWh or kt/year", "what is used or booked by projects under way"),
)

BUYER = (
    Field("id", "-", "hash of its name", "u8"),
    whole("cluster", "row of its pact"),
    Field("product", "-", "hash of the sector that it buys from", "u8"),
    Field("volume_kt", "kt or GWh/year", "low-carbon product that it would buy"),
    Field("premium", "EUR/t or EUR/MWh", "premium that it pays"),
    whole("first_quarter", "first quarter in which it signs", "quarter"),
    whole("contract_quarters", "length of its contracts", "quarter"),
    Field("public_share", "-", "share of its purchases that the public hand pays for"),
    Field("signed_kt", "kt or GWh/year", "volume under contract"),
    Field("disposition", "-", "base-rate trust in others (a)"),
    *EVIDENCE,
)

PEER_TIE = (
    whole("observer", "row of the government that looks"),
    whole("peer", "row of the government that is looked at"),
    whole("instrument", "number of the instrument among those that may be adopted"),
    Field("weight", "-", "weight of the tie"),
)

ADOPTION = (
    # One row per government and instrument that may be adopted, government by government.
    whole("column", "place of the instrument among those of a policy"),
    whole("duty", "duty of the government that puts it in force"),
    whole("may_adopt", "1: the government has the duty that the instrument belongs to"),
    Field("typical", "the instrument's own", "strength at which it is adopted"),
    Field("strength", "the instrument's own", "strength at which it was adopted, 0 if it was not"),
    whole("pending", "1: adopted at the end of this review"),
)

INSTRUMENT = (
    whole("column", "place of the instrument among those of a policy"),
    whole("duty", "duty of the government that promises it"),
)

TRIGGER = (
    whole("cluster", "row of its pact"),
    whole("policy_table", "number of the yearly table of instruments in which it starts one"),
    whole("column", "place of the instrument among those of a policy"),
    Field("strength", "the instrument's own", "strength from its start on"),
    whole("signal", "number of the signal"),
    place("network", "row of the network whose signal it is"),
    Field("level", "the signal's own", "level that is awaited"),
    whole("falls", "1: it is awaited that the signal is below the level"),
    whole("strict", "1: the level itself is not enough"),
    whole("years", "Januaries in a row in which the signal must be seen", "year"),
    whole("seen_years", "Januaries in a row in which it was seen", "year"),
    place("started_quarter", "quarter in which it started", "quarter"),
)

MARKET = (
    Field("path", "EUR/MWh (carbon EUR/t)", "price path of the run per carrier", shape=(N_CARRIERS,)),
    Field("levelised", "EUR/MWh (carbon EUR/t)", "mean of the path over 20 years, discounted at 8 %", shape=(N_CARRIERS,)),
    Field("announced", "EUR/t", "announced carbon price before ratchets and reversals (mid path)"),
    Field("statutory", "EUR/t", "highest announced carbon price (high path)"),
    Field("in_force", "EUR/t", "announced carbon price after ratchets, reversals, paths and floors"),
    Field(
        "free_share", "-", "free allocation that is left: other goods, goods under the border adjustment", shape=(N_GOODS,)
    ),
    Field("target", "-", "milestone that is due: last published target"),
    Field("shared_target", "-", "milestone on the common yearly path"),
)

PRICE_TABLE = (
    Field("low", "EUR/MWh (carbon EUR/t)", "low path per carrier", shape=(N_CARRIERS,)),
    Field("mid", "EUR/MWh (carbon EUR/t)", "mid path per carrier", shape=(N_CARRIERS,)),
    Field("high", "EUR/MWh (carbon EUR/t)", "high path per carrier", shape=(N_CARRIERS,)),
    Field(
        "realised",
        "EUR/MWh (carbon EUR/t)",
        "what came, per carrier; below 0 where that is not known",
        shape=(N_CARRIERS,),
        initial=-1.0,
    ),
    Field(
        "free_share_law", "-", "free allocation that is left by law: other goods, border-adjusted goods", shape=(N_GOODS,)
    ),
    Field("free_share_slower", "-", "the same under a slower phase-out", shape=(N_GOODS,)),
)

VOLATILITY = (
    Field("decay", "-", "share of a deviation that remains after a quarter", shape=(N_CARRIERS,)),
    Field("spread", "log", "standard deviation of a quarter's shock", shape=(N_CARRIERS,)),
    Field("cholesky", "-", "factor of the correlation matrix", shape=(N_CARRIERS, N_CARRIERS)),
    Field("persistence", "-", "share of today's deviation that remains in a 20-year mean", shape=(N_CARRIERS,)),
)

#: All kinds of records. To add an agent: a kind here, its rows in `sim/world.py`, its rules, their place in the schedule.
RECORDS = {
    "world": Kind("world", WORLD),
    "price_table": Kind("prices", PRICE_TABLE, per_run=False),
    "volatility": Kind("volatility", VOLATILITY, per_run=False),
    "market": Kind("market", MARKET),
    "option": Kind("options", OPTION, per_run=False),
    "peer_tie": Kind("peer_ties", PEER_TIE, per_run=False),
    "instrument": Kind("instruments", INSTRUMENT, per_run=False),
    "spot": Kind("spots", SPOT),
    "firm": Kind("firms", FIRM, agent=True),
    "owner": Kind("owners", OWNER, agent=True),
    "assessment": Kind("assessments", ASSESSMENT),
    "technology": Kind("technologies", TECHNOLOGY),
    "network": Kind("networks", NETWORK, agent=True),
    "financier": Kind("financiers", FINANCIER, agent=True),
    "government": Kind("governments", GOVERNMENT, agent=True),
    "adoption": Kind("adoptions", ADOPTION),
    "pact": Kind("pacts", PACT, agent=True),
    "link": Kind("links", LINK),
    "project": Kind("pipeline", PROJECT),
    "resource": Kind("resources", RESOURCE),
    "buyer": Kind("buyers", BUYER, agent=True),
    "trigger": Kind("triggers", TRIGGER),
}


def empty(name: str, count: int) -> np.recarray:
    """Records of one kind in which nothing has happened yet, shape (count,)."""
    return RECORDS[name].empty(count)

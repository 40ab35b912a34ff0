"""The records that agents are: every field with its type, unit and meaning. Rules read and write them, under both drivers.

A record is at once the data dictionary, the memory layout, the checkpoint and the documentation.
"""

import numpy as np

from clusterpact.agents.layout import Field, Kind, place, whole
from clusterpact.agents.theories import THEORIES
from clusterpact.agents.vocabulary import N_BUDGETS, N_CARRIERS, N_GOODS, N_KINDS, N_OBSERVERS

YEARS_AHEAD = 40  #: longest look ahead of an appraisal: seven years of lead time and a life of at most 30 years

#: What others saw of the promises of an agent (R1), per class of observer.
EVIDENCE = (
    Field("kept", "-", "kept evidence about it, per class of observer", shape=(N_OBSERVERS,)),
    Field("broken", "-", "broken evidence about it, per class of observer", shape=(N_OBSERVERS,)),
    Field("kept_now", "-", "kept evidence of this quarter", shape=(N_OBSERVERS,)),
    Field("broken_now", "-", "broken evidence of this quarter", shape=(N_OBSERVERS,)),
)

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
    Field("lenders_outlook", "EUR/t", "carbon price expected by the lenders, per year ahead", shape=(YEARS_AHEAD,)),
)

SPOT = (
    Field("price", "EUR/MWh (carbon EUR/t)", "price of each carrier in this quarter", shape=(N_CARRIERS,)),
    Field("expected_price", "EUR/MWh", "levelised price that firms expect over 20 years", shape=(N_CARRIERS,)),
    Field("past_carbon_price", "EUR/t", "carbon price of the last four quarters", shape=(4,)),
    Field("carbon_price_trend", "1/year", "adaptive trend of the carbon price"),
)

FIRM = (
    # What rules read every quarter comes first: it then shares a few cache lines.
    whole("stage", "rung of its next project"),
    whole("option", "row of the option that runs"),
    place("candidate", "row of the option it prefers"),
    whole("cluster", "row of its pact"),
    whole("owner", "row of its owner"),
    place("sibling", "row of the next plant of its owner"),
    whole("board_quarter", "quarter of the year in which its board meets"),
    whole("switched", "1: runs something else than at the start"),
    whole("planned", "1: announced and not yet built"),
    place("gas_supplier", "row of the works whose furnace gases it burns"),
    Field("visibility", "-", "1 if peers look at it: it has a capacity"),
    place("c1_due", "quarter in which its pledge is due", "quarter"),
    place("c2_lapse", "quarter in which its commitment lapses if the network is undecided", "quarter"),
    place("c2_due", "quarter by which it owes its FID", "quarter"),
    place("c3_due", "quarter in which it promised to run", "quarter"),
    whole("applied", "1: asks for finance in this quarter"),
    whole("available", "1: some option is on the market"),
    whole("refused", "gate 7 or 8 of the last refusal, 0 if none"),
    whole("blocked", "gate 6 to 8 of the best option that it cannot have now, 0 if none"),
    whole("gate", "first closed gate (1 to 10)"),
    Field("baseline_kt", "kt/year", "scope-1 emissions at the start"),
    Field("emission_kt", "kt/year", "scope-1 emissions"),
    Field("captured_kt", "kt/year", "captured CO2"),
    Field("gas_kt", "kt/year", "CO2 of those gases beyond that of natural gas, at the start"),
    Field("capability", "-", "multiplies the hazard of deciding (A)"),
    place("fid_quarter", "quarter of its last FID", "quarter"),
    whole("ready_quarter", "planned start of its last project", "quarter"),
    place("start_quarter", "start of its last project", "quarter"),
    whole("failures", "defaults so far"),
    Field("choice", "-", "yearly probability to decide for any option (p)"),
    Field("utility", "-", "utility of the candidate (U)"),
    Field("value", "-", "net present value of the candidate per cost of a campaign (v)"),
    Field("strike", "EUR/t", "strike price awarded to the candidate, 0 if none"),
    Field("running_strike", "EUR/t", "strike price of the running project's carbon contract, 0 if none"),
    Field("debt_meur", "MEUR", "outstanding debt to lenders"),
    Field("public_debt_meur", "MEUR", "outstanding concessional loan"),
    Field("corporate_debt_meur", "MEUR", "outstanding debt of its owner for its project"),
    Field("campaign_age", "year", "age of the running campaign"),
    *EVIDENCE,
    Field("heat_relief_gwh", "GWh/year", "heat received through links"),
    Field("jobs", "jobs", "direct jobs at full operation"),
    Field("id", "-", "hash of the firm's name", "u8"),
    place("network", "row of its cluster's network of each kind", shape=(N_KINDS,)),
    Field("booked", "kt or GWh/year", "capacity that it holds, per kind of network", shape=(N_KINDS,)),
    Field("disposition", "-", "base-rate trust in others (a)"),
    Field("jobs_multiplier", "-", "total jobs per direct job"),
    Field("gva_meur", "MEUR/year", "gross value added at full operation"),
    Field("gva_multiplier", "-", "total per direct gross value added"),
    whole("first_option", "row of its first option"),
    whole("n_options", "number of its options; the first is what it runs at the start"),
    Field("start_age", "year", "age of the campaign at the start, -1 if unknown"),
    whole("base_intact", "1: the plant that increments are added to still stands"),
    whole("cbam_good", "1: its product is under the carbon border adjustment"),
    Field("optimism", "-", "factor on the carbon price it expects (epsilon)"),
    whole("free_rider", "1: never moves before a network is decided"),
    whole("c1_honoured", "1: the pledge led to a commitment or an FID"),
    whole("breaches", "commitments broken so far"),
    Field("campaign_meur", "MEUR", "cost of one more campaign, or the median capital cost of its options (K)"),
    whole("route", "how the candidate would be paid for"),
    Field("wacc", "1/year", "cost of capital of the candidate"),
    Field("hurdle", "1/year", "hurdle rate of the candidate"),
    Field("index", "-", "net present value of the candidate per capital cost"),
    Field("own_meur", "MEUR", "own means that the candidate needs"),
    Field("value_unstranded", "-", "v without the running campaign's book value"),
    Field("choice_candidate", "-", "yearly probability to decide for the candidate"),
    Field("norm", "-", "trust-weighted success of peers (S)"),
    Field("others_volume", "kt or GWh/year", "volume that it expects of others, per kind of network", shape=(N_KINDS,)),
    Field("strike_bid", "EUR/t", "carbon price at which the candidate breaks even under a contract"),
    Field("bid", "EUR/t", "its bid in the running auction of contracts, 0 if none"),
    whole("vote", "1: votes for monitoring and sanctions in this quarter"),
    Field("sought_meur", "MEUR", "loan that it still seeks from lenders in this quarter"),
    Field("capex_meur", "MEUR", "capital cost of the last project"),
    Field("equity_meur", "MEUR", "equity in the last project"),
    Field("grant_meur", "MEUR", "grant to the last project"),
    Field("repayment_meur", "MEUR/quarter", "repayment of all its debts"),
    Field("debt_service_meur", "MEUR/year", "interest and repayment at the start"),
    Field("guaranteed", "-", "share of the debt under a public guarantee"),
    whole("strike_until", "quarter in which the award lapses if unused", "quarter"),
    whole("running_until", "quarter in which that contract ends", "quarter"),
    Field("contract_kt", "kt/year", "tonnes avoided that the running contract pays for"),
    Field("credit", "EUR/t", "tax credit per tonne captured that the decided project will get"),
    whole("credit_until", "quarter in which that credit ends", "quarter"),
    Field("running_credit", "EUR/t", "tax credit per tonne captured that the running project gets"),
    Field("credit_kt", "kt/year", "tonnes captured that the running credit pays for, at most"),
    whole("sells_power", "1: its product is power"),
    whole("short_quarters", "quarters in a row in which cash flow missed debt service"),
    whole("losing_quarters", "quarters in a row in which what was added cost more to run than it brought"),
    whole("failed_until", "quarter in which a failed firm may try again", "quarter"),
    whole("previous_option", "row of what it ran before the last project"),
    Field("previous_age", "year", "age of the campaign that the last project ended"),
)

OPTION = (
    Field("emission_kt", "kt/year", "scope-1 emissions after capture"),
    Field("captured_kt", "kt/year", "CO2 handed to transport and storage"),
    Field("allocation_kt", "kt/year", "emission allowances for free, before their phase-out"),
    Field("volume", "kt or GWh/year", "capacity needed per kind of network", shape=(N_KINDS,)),
    Field("campaign_years", "year", "length of a campaign"),
    Field("heat_gwh", "GWh/year", "waste heat recovered"),
    whole("technology", "row of its technology"),
    whole("is_increment", "1: added to the plant of the start"),
    Field("capex_meur", "MEUR", "capital cost at the first year's prices"),
    Field("renewal_meur", "MEUR", "listed cost of renewing its campaign; 0 if none is listed"),
    Field("greenfield_meur", "MEUR", "cost of the plant whose campaigns are renewed; 0 if a renewal is listed"),
    Field("opex_meur", "MEUR/year", "fixed and other cost less revenue, without energy, networks and CO2"),
    Field("energy_gwh", "GWh/year", "energy bought per carrier; sold if negative", shape=(N_CARRIERS,)),
    Field("generated_kt", "kt/year", "CO2 from fuel and process before capture"),
    Field("build_quarters", "quarter", "construction time"),
    Field("life_years", "year", "economic life"),
)

ASSESSMENT = (
    whole("standing", "closed, open, waits for a network, or beyond means"),
    whole("gate", "gate that closes it now, 0 if none"),
    whole("route", "how it would be paid for"),
    Field("wacc", "1/year", "cost of capital"),
    Field("hurdle", "1/year", "hurdle rate"),
    Field("value", "-", "net present value per cost of a campaign (v)"),
    Field("index", "-", "net present value per capital cost"),
    Field("own_meur", "MEUR", "own means that it needs"),
    Field("value_unstranded", "-", "v without the running campaign's book value"),
    Field("utility", "-", "utility once its networks are decided (U)"),
    Field("plan_utility", "-", "utility with the doubt that its networks are decided"),
    Field("weight", "-", "exp(lambda U) among options open now, relative to the best of them and waiting"),
    Field("plan_weight", "-", "exp(lambda U) among all on the market, relative to the best of them and waiting"),
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
}


def empty(name: str, count: int) -> np.recarray:
    """Records of one kind in which nothing has happened yet, shape (count,)."""
    return RECORDS[name].empty(count)

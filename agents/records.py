"""The records that agents are: every field with its type, unit and meaning.

A record is a NumPy structured dtype. It is at once the data dictionary, the memory layout, the checkpoint and the
documentation. Rules read and write records; the compiled driver and the Mesa driver share them.
"""

from dataclasses import dataclass

import numpy as np

CARRIERS = (
    "carbon", "electricity", "natural_gas", "coking_coal", "steam_coal", "hydrogen", "biomass", "oil", "waste_fuel",
    "heat",
)  # fmt: skip
CARBON, ELECTRICITY, NATURAL_GAS, COKING_COAL, STEAM_COAL, HYDROGEN, BIOMASS, OIL, WASTE_FUEL, HEAT = range(10)

NETWORK_KINDS = ("co2_ts", "h2_pipeline", "grid", "waste_heat_network")
OBSERVERS = ("firm", "financier", "government", "operator")
BY_FIRM, BY_FINANCIER, BY_GOVERNMENT, BY_OPERATOR = range(4)

#: Ladder of a firm's next project: pledge (C1), conditional commitment (C2), final investment decision, works, running.
STAGES = ("idle", "pledged", "committed", "FID", "building", "operating", "failed")
IDLE, PLEDGED, COMMITTED, FID, BUILDING, OPERATING, FAILED = range(7)
NETWORK_STAGES = ("proposed", "building", "operating")
NET_PROPOSED, NET_BUILDING, NET_OPERATING = range(3)
UNANIMITY, MAJORITY, ANCHOR, ORCHESTRATOR = range(4)

#: Why a plant has not switched: the first closed gate, numbered from 1.
GATES = (
    "not available", "not in its investment window", "not profitable", "not capable",
    "partners or threshold not believed", "network not decided or full", "not bankable", "rationed",
    "in permits or construction", "switched",
)  # fmt: skip

#: Instruments that a government may adopt by itself or from its peers (R6), in the order of `government.adopted`.
ADOPTABLE = ("ccfd_budget_meur_per_year", "infrastructure_guarantee_share", "orchestrator", "monitoring")
YEARS_AHEAD = 40  #: longest look ahead of an appraisal: seven years of lead time and a life of at most 30 years


@dataclass(frozen=True)
class Field:
    """One field of a record."""

    name: str
    unit: str
    meaning: str
    kind: str = "f8"
    shape: tuple[int, ...] = ()


def _int(name: str, meaning: str, unit: str = "-", shape: tuple[int, ...] = ()) -> Field:
    return Field(name, unit, meaning, "i8", shape)


WORLD = (
    Field("seed", "-", "seed of the experiment", "u8"),
    Field("run", "-", "number of the run", "u8"),
    _int("start_year", "first year of the horizon", "year"),
    _int("check_books", "1: audit the closed books every quarter"),
    Field("noise", "log", "deviation of each carrier's price from its path", shape=(10,)),
    Field("noise_variance", "log^2", "variance of that deviation over runs", shape=(10,)),
    Field("shock", "-", "standard normal shocks of this quarter", shape=(10,)),
    _int("years", "years of the horizon", "year"),
    Field("outlook", "EUR/t", "carbon price expected by the appraiser, per year ahead", shape=(YEARS_AHEAD,)),
)

SPOT = (
    Field("price", "EUR/MWh (carbon EUR/t)", "price of each carrier in this quarter", shape=(10,)),
    Field("expected_price", "EUR/MWh", "levelised price that firms expect over 20 years", shape=(10,)),
    Field("past_carbon_price", "EUR/t", "carbon price of the last four quarters", shape=(4,)),
    Field("carbon_price_trend", "1/year", "adaptive trend of the carbon price"),
)

FIRM = (
    # What rules read every quarter comes first: it then shares a few cache lines.
    _int("stage", "rung of its next project"),
    _int("option", "row of the option that runs"),
    _int("candidate", "row of the option it prefers, -1 if none"),
    _int("cluster", "row of its pact"),
    _int("board_quarter", "quarter of the year in which its board meets"),
    _int("switched", "1: runs something else than at the start"),
    _int("planned", "1: announced and not yet built"),
    _int("gas_supplier", "row of the works whose furnace gases it burns, -1 if none"),
    Field("visibility", "-", "1 if peers look at it: it has a capacity"),
    _int("c1_due", "quarter in which its pledge is due, -1 if none", "quarter"),
    _int("c2_lapse", "quarter in which its commitment lapses if the network is undecided, -1 if none", "quarter"),
    _int("c2_due", "quarter by which it owes its FID, -1 if none", "quarter"),
    _int("c3_due", "quarter in which it promised to run, -1 if none", "quarter"),
    _int("applied", "1: asks for finance in this quarter"),
    _int("available", "1: some option is on the market"),
    _int("refused", "gate 5 to 8 of the last refusal, 0 if none"),
    _int("gate", "first closed gate (1 to 10)"),
    Field("baseline_kt", "kt/year", "scope-1 emissions at the start"),
    Field("emission_kt", "kt/year", "scope-1 emissions"),
    Field("captured_kt", "kt/year", "captured CO2"),
    Field("gas_kt", "kt/year", "CO2 of those gases beyond that of natural gas, at the start"),
    Field("capability", "-", "multiplies the hazard of deciding (A)"),
    _int("fid_quarter", "quarter of its last FID, -1 if none", "quarter"),
    _int("ready_quarter", "planned start of its last project", "quarter"),
    _int("start_quarter", "start of its last project, -1 if none", "quarter"),
    _int("failures", "defaults so far"),
    Field("choice", "-", "yearly probability to decide for any option (p)"),
    Field("utility", "-", "utility of the candidate (U)"),
    Field("value", "-", "net present value per capital cost of the candidate (v)"),
    Field("strike", "EUR/t", "strike price awarded to the candidate, 0 if none"),
    Field("running_strike", "EUR/t", "strike price of the running project's carbon contract, 0 if none"),
    Field("debt_meur", "MEUR", "outstanding debt to the lender"),
    Field("public_debt_meur", "MEUR", "outstanding concessional loan"),
    Field("campaign_age", "year", "age of the running campaign"),
    Field("kept", "-", "kept evidence about it, per class of observer", shape=(4,)),
    Field("broken", "-", "broken evidence about it, per class of observer", shape=(4,)),
    Field("kept_now", "-", "evidence of this quarter", shape=(4,)),
    Field("broken_now", "-", "evidence of this quarter", shape=(4,)),
    Field("heat_relief_gwh", "GWh/year", "heat received through links"),
    Field("jobs", "jobs", "direct jobs at full operation"),
    Field("id", "-", "hash of the firm's name", "u8"),
    _int("network", "row of its cluster's network of each kind, -1 if none", shape=(4,)),
    Field("booked", "kt or GWh/year", "capacity that it holds, per kind of network", shape=(4,)),
    Field("disposition", "-", "base-rate trust in others (a)"),
    Field("jobs_multiplier", "-", "total jobs per direct job"),
    Field("gva_meur", "MEUR/year", "gross value added at full operation"),
    Field("gva_multiplier", "-", "total per direct gross value added"),
    _int("first_option", "row of its first option"),
    _int("n_options", "number of its options; the first is what it runs at the start"),
    Field("start_age", "year", "age of the campaign at the start, -1 if unknown"),
    _int("base_intact", "1: the plant that increments are added to still stands"),
    _int("cbam_good", "1: its product is under the carbon border adjustment"),
    Field("optimism", "-", "factor on the carbon price it expects (epsilon)"),
    _int("free_rider", "1: never moves before a network is decided"),
    _int("c1_honoured", "1: the pledge led to a commitment or an FID"),
    _int("breaches", "commitments broken so far"),
    Field("wacc", "1/year", "cost of capital of the candidate"),
    Field("hurdle", "1/year", "hurdle rate of the candidate"),
    Field("value_unstranded", "-", "the same without the running campaign's book value"),
    Field("choice_candidate", "-", "yearly probability to decide for the candidate"),
    Field("norm", "-", "trust-weighted success of peers (S)"),
    Field("others_volume", "kt or GWh/year", "volume that it expects of others, per kind of network", shape=(4,)),
    Field("running_cost_meur", "MEUR/year", "cost of what it runs at expected prices, as of its board"),
    Field("strike_bid", "EUR/t", "carbon price at which the candidate breaks even under a contract"),
    _int("lender", "row of the cheapest lender, -1 if none"),
    _int("creditor", "row of the lender that holds its loan, -1 if none"),
    Field("capex_meur", "MEUR", "capital cost of the last project"),
    Field("equity_meur", "MEUR", "equity in the last project"),
    Field("grant_meur", "MEUR", "grant to the last project"),
    Field("repayment_meur", "MEUR/quarter", "repayment of both debts"),
    Field("debt_service_meur", "MEUR/year", "interest and repayment at the start"),
    Field("guaranteed", "-", "share of the debt under a public guarantee"),
    _int("strike_until", "quarter in which the award lapses if unused", "quarter"),
    _int("running_until", "quarter in which that contract ends", "quarter"),
    Field("credit", "EUR/t", "tax credit per tonne captured that the decided project will get"),
    _int("credit_until", "quarter in which that credit ends", "quarter"),
    Field("running_credit", "EUR/t", "tax credit per tonne captured that the running project gets"),
    _int("short_quarters", "quarters in a row in which cash flow missed debt service"),
    _int("failed_until", "quarter in which a failed firm may try again", "quarter"),
    _int("previous_option", "row of what it ran before the last project"),
    Field("previous_age", "year", "age of the campaign that the last project ended"),
)

OPTION = (
    Field("emission_kt", "kt/year", "scope-1 emissions after capture"),
    Field("captured_kt", "kt/year", "CO2 handed to transport and storage"),
    Field("allocation_kt", "kt/year", "emission allowances for free, before their phase-out"),
    Field("volume", "kt or GWh/year", "capacity needed per kind of network", shape=(4,)),
    Field("campaign_years", "year", "length of a campaign"),
    Field("heat_gwh", "GWh/year", "waste heat recovered"),
    _int("technology", "row of its technology"),
    _int("is_increment", "1: added to the plant of the start"),
    Field("capex_meur", "MEUR", "capital cost at the first year's prices"),
    Field("renewal_meur", "MEUR", "listed cost of renewing its campaign; 0 if none is listed"),
    Field("greenfield_meur", "MEUR", "cost of the plant whose campaigns are renewed; 0 if a renewal is listed"),
    Field("opex_meur", "MEUR/year", "fixed and other cost less revenue, without energy, networks and CO2"),
    Field("energy_gwh", "GWh/year", "energy bought per carrier; sold if negative", shape=(10,)),
    Field("generated_kt", "kt/year", "CO2 from fuel and process before capture"),
    Field("build_quarters", "quarter", "construction time"),
    Field("life_years", "year", "economic life"),
)

ASSESSMENT = (
    _int("lender", "row of the cheapest lender, -1 if none"),
    Field("wacc", "1/year", "cost of capital"),
    Field("hurdle", "1/year", "hurdle rate"),
    Field("value", "-", "net present value per capital cost (v)"),
    Field("value_unstranded", "-", "the same without the running campaign's book value"),
    Field("utility", "-", "utility (U)"),
    Field("weight", "-", "exp(lambda U); 0 if the option is not open"),
)

TECHNOLOGY = (
    _int("first_quarter", "first quarter in which it is on the market"),
    Field("first_year", "year", "first year on the market"),
    Field("novelty", "-", "share of the first-of-a-kind premium that it carries"),
    Field("learning_exponent", "-", "log2(1 - learning rate): capital cost falls as E to this power"),
    Field("experience", "projects", "1 + FIDs inside and outside the cluster (E)"),
    Field("decided", "projects", "FIDs in the cluster before this quarter"),
    Field("decided_now", "projects", "FIDs of this quarter"),
    Field("premium", "-", "novelty * E**-b: factor on the technology premium"),
    Field("cost", "-", "factor on capital cost"),
)

NETWORK = (
    Field("id", "-", "hash of the operator's name", "u8"),
    _int("cluster", "row of its pact"),
    _int("kind", "kind of network"),
    Field("phase", "kt or GWh/year", "size of the first phase"),
    Field("phase_capex_meur", "MEUR", "capital cost of the first phase"),
    Field("scale_exponent", "-", "economy of scale of the capital cost"),
    Field("opex_share", "1/year", "operating cost as a share of capital cost"),
    _int("lead_quarters", "construction time", "quarter"),
    Field("life_years", "year", "depreciation time"),
    Field("tariff_cap", "EUR/t or EUR/MWh", "highest tariff"),
    Field("service", "EUR/t or EUR/MWh", "cost beyond the network, such as shipping and storage"),
    _int("first_season", "first quarter of open seasons", "quarter"),
    Field("grant_meur", "MEUR", "public grant to the first phase"),
    Field("limit", "kt or GWh/year", "largest capacity that can ever be built (infinite if unlimited)"),
    _int("stage", "proposed, building or operating"),
    Field("capacity", "kt or GWh/year", "capacity decided"),
    Field("extension", "kt or GWh/year", "capacity under construction"),
    _int("extension_ready", "quarter in which the extension opens, -1 if none", "quarter"),
    Field("booked", "kt or GWh/year", "capacity held by firms"),
    Field("used", "kt or GWh/year", "capacity used by firms that run"),
    _int("season", "1: open season in this quarter"),
    Field("signed", "kt or GWh/year", "volume under conditional commitments"),
    Field("believed", "kt or GWh/year", "signed volume discounted by the operator's trust (B)"),
    Field("threshold", "kt or GWh/year", "volume needed for its FID (Q*)"),
    Field("mu", "kt or GWh/year", "expected volume: intercept and slope in the believer's disposition", shape=(2,)),
    Field("variance", "(kt or GWh/year)^2", "variance: three coefficients in the believer's disposition", shape=(3,)),
    _int("published", "1: bookings are published, so no ambiguity remains"),
    _int("fid_quarter", "quarter of its FID, -1 if none", "quarter"),
    _int("planned_quarter", "promised ready quarter", "quarter"),
    _int("ready_quarter", "actual ready quarter, -1 if none", "quarter"),
    _int("c4_seen", "1: the outcome of its promise was observed"),
    Field("signed_at_fid", "-", "signed share of the first phase at its FID"),
    Field("guarantee", "-", "share that the state covers, fixed at its FID"),
    Field("invested_meur", "MEUR", "capital cost so far"),
    Field("asset_base_meur", "MEUR", "regulated asset base"),
    Field("account_meur", "MEUR", "amortisation account: revenue not yet recovered"),
    Field("covered_meur", "MEUR", "state's share of the account, booked so far"),
    Field("tariff", "EUR/t or EUR/MWh", "tariff in force"),
    Field("debt_meur", "MEUR", "outstanding debt"),
    Field("repayment_meur", "MEUR/quarter", "repayment of debt"),
    Field("equity_meur", "MEUR", "equity invested"),
    _int("lender", "row of its lender, -1 if none"),
    Field("wacc", "1/year", "cost of capital"),
    Field("disposition", "-", "base-rate trust in others (a)"),
    Field("kept", "-", "kept evidence about it, per class of observer", shape=(4,)),
    Field("broken", "-", "broken evidence about it, per class of observer", shape=(4,)),
    Field("kept_now", "-", "evidence of this quarter", shape=(4,)),
    Field("broken_now", "-", "evidence of this quarter", shape=(4,)),
)

FINANCIER = (
    Field("id", "-", "hash of its name", "u8"),
    _int("kind", "0 commercial bank, 1 development bank, 2 infrastructure fund"),
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

GOVERNMENT = (
    Field("id", "-", "hash of its name", "u8"),
    _int("sets_carbon_price", "1: announces the carbon price"),
    _int("awards_support", "1: pays grants, contracts and guarantees"),
    _int("governs_pact", "1: may set up orchestrator and monitoring"),
    _int("reversal_exposed", "1: an election may reverse its policy"),
    _int("home", "row of the largest cluster that it has a say in"),
    Field("price_scale", "-", "share of the uplift over the first year's carbon price that is in force"),
    _int("first_election", "quarter of its first election", "quarter"),
    Field("adopted", "-", "strength of instruments that it adopted by itself", shape=(4,)),
    _int("frozen_until", "quarter until which it makes no new award", "quarter"),
    _int("reversals", "reversals so far"),
    _int("reversed_now", "1: reversed in this quarter; 2: earlier in this year"),
    _int("to_adopt", "1: adopts the instrument at the end of the review", shape=(4,)),
    Field("gap", "-", "abated share short of its milestone"),
    _int("gap_fell", "1: the gap fell in the last year, or what is due is met"),
    Field("kept", "-", "kept evidence about it, per class of observer", shape=(4,)),
    Field("broken", "-", "broken evidence about it, per class of observer", shape=(4,)),
    Field("kept_now", "-", "evidence of this quarter", shape=(4,)),
    Field("broken_now", "-", "evidence of this quarter", shape=(4,)),
)

PACT = (
    Field("id", "-", "hash of the cluster's name", "u8"),
    _int("own_mode", "governance mode without a policy"),
    _int("mode", "governance mode in force"),
    _int("first_firm", "row of its first member; members follow one another"),
    _int("n_firms", "number of its members"),
    _int("anchor", "row of the largest emitter"),
    Field("baseline_kt", "kt/year", "scope-1 emissions at the start"),
    _int("carbon_government", "row of the government that sets the carbon price"),
    _int("support_government", "row of the government that awards support"),
    _int("pact_government", "row of the government that governs the pact"),
    _int("rules_adopted", "1: monitoring and sanctions are in force"),
    Field("transparency", "-", "probability that a broken promise becomes public (m)"),
    Field("sanction", "-", "sanction per breach step, share of capex (sigma_s)"),
    Field("mean_trust", "-", "emission-weighted trust in members"),
    Field("adopters_capability", "-", "mean capability of firms that decided"),
    Field("abated_share", "-", "abated share of scope 1"),
    Field("watched", "-", "sums over peers of trust: intercept and slope in disposition", shape=(2,)),
    Field("succeeded", "-", "the same sums over success less failure", shape=(2,)),
)

LINK = (
    _int("source", "row of the firm that gives heat"),
    _int("sink", "row of the firm that takes heat"),
    Field("heat_gwh", "GWh/year", "heat on offer"),
    Field("capex_meur", "MEUR", "cost of the link, half each"),
    _int("formed_quarter", "quarter in which it formed, -1 if not", "quarter"),
    _int("ended", "1: ended because a party failed"),
)

PEER_TIE = (
    _int("observer", "row of the government that looks"),
    _int("peer", "row of the government that is looked at"),
    Field("weight", "-", "weight of the tie, per instrument that may be adopted", shape=(4,)),
)

MARKET = (
    Field("path", "EUR/MWh (carbon EUR/t)", "price path of the run per carrier", shape=(10,)),
    Field("levelised", "EUR/MWh (carbon EUR/t)", "mean of the path over 20 years, discounted at 8 %", shape=(10,)),
    Field("announced", "EUR/t", "announced carbon price before ratchets and reversals (mid path)"),
    Field("statutory", "EUR/t", "highest announced carbon price (high path)"),
    Field("in_force", "EUR/t", "announced carbon price after ratchets, reversals, paths and floors"),
    Field("free_share", "-", "free allocation that is left: other goods, goods under the border adjustment", shape=(2,)),
    Field("target", "-", "milestone that is due: last published target"),
    Field("shared_target", "-", "milestone on the common yearly path"),
)

PRICE_TABLE = (
    Field("low", "EUR/MWh (carbon EUR/t)", "low path per carrier", shape=(10,)),
    Field("mid", "EUR/MWh (carbon EUR/t)", "mid path per carrier", shape=(10,)),
    Field("high", "EUR/MWh (carbon EUR/t)", "high path per carrier", shape=(10,)),
    Field("free_share_law", "-", "free allocation that is left by law: other goods, border-adjusted goods", shape=(2,)),
    Field("free_share_slower", "-", "the same under a slower phase-out", shape=(2,)),
)

VOLATILITY = (
    Field("decay", "-", "share of a deviation that remains after a quarter", shape=(10,)),
    Field("spread", "log", "standard deviation of a quarter's shock", shape=(10,)),
    Field("cholesky", "-", "factor of the correlation matrix", shape=(10, 10)),
    Field("persistence", "-", "share of today's deviation that remains in a 20-year mean", shape=(10,)),
)

RECORDS = {
    "world": WORLD, "spot": SPOT,
    "firm": FIRM, "option": OPTION, "assessment": ASSESSMENT, "technology": TECHNOLOGY, "network": NETWORK,
    "financier": FINANCIER, "government": GOVERNMENT, "pact": PACT, "link": LINK, "peer_tie": PEER_TIE,
    "market": MARKET, "price_table": PRICE_TABLE, "volatility": VOLATILITY,
}  # fmt: skip


def dtype_of(fields: tuple[Field, ...]) -> np.dtype:
    """The structured dtype of a record."""
    return np.dtype([(f.name, f.kind, f.shape) for f in fields], align=True)


DTYPES = {name: dtype_of(fields) for name, fields in RECORDS.items()}


def empty(name: str, count: int) -> np.recarray:
    """Zeroed records of one kind, shape (count,)."""
    return np.zeros(count, DTYPES[name]).view(np.recarray)

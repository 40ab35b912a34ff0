"""A hand-made world of a few firms, networks, lenders and governments: round numbers, no cluster files, no luck."""

import numpy as np

from clusterpact.agents.appraisal import assess, break_even_strike, expected_running_cost, expected_switch
from clusterpact.agents.auctions import auction_contracts
from clusterpact.agents.chance import agent_number
from clusterpact.agents.expectations import expect_prices, look_ahead
from clusterpact.agents.funding import means_of
from clusterpact.agents.governments import adopt_instruments, announce_prices, review_governments
from clusterpact.agents.parameters import PARAMETER_RECORD, default_parameters
from clusterpact.agents.records import RECORDS, empty
from clusterpact.agents.vocabulary import DUTIES, MAJORITY, N_CARRIERS, N_KINDS
from clusterpact.policies.catalogue import ADOPTABLE, POLICY_DTYPE
from clusterpact.sim.measures import ACCOUNT_RECORD
from clusterpact.sim.state import State

INCUMBENT, CLEAN = 0, 1  #: rows of the two technologies; every firm's first option is the incumbent
NEVER = -1
#: Parameters that are 0 unless a test sets them: no time before a decision, no slips, no overruns, output and plants stay.
STILL = ("permit_quarters", "start_slip_quarters", "project_dropped_per_year", "project_slip_share", "capture_overrun_share",
         "other_overrun_share", "output_noise", "closure_level", "project_conviction")  # fmt: skip


def small_state(firms=2, options_per_firm=2, networks=1, financiers=1, governments=3, years=26, links=0, peer_ties=0,
                **parameters) -> State:  # fmt: skip
    """A state of one cluster; further keywords set parameters, other fields are set on the records themselves.

    The name of an array of agents that came later (`pipeline`, `resources`, `buyers`) sets the number of its blank records.
    Firms emit 1000 kt/year and may spend 100 MEUR to emit 100 kt/year after two years' works, without permits. Network n
    is of kind n, 1000 units for 300 MEUR, proposed. The carbon price is 100 EUR/t, announced flat, and expected to
    stay; nothing else has a price.
    Government 0 sets the carbon price, 1 awards support, 2 governs the pact (the last one does what is left).
    """
    later = {kind.array: kind.empty(parameters.pop(kind.array, 0)) for kind in RECORDS.values()}
    p = default_parameters()
    for name in STILL:
        p[name] = 0.0
    for name, value in parameters.items():
        if name not in p.dtype.names:
            raise TypeError(f"no parameter {name}")
        p[name] = value
    known = {
        "parameters": p.view(PARAMETER_RECORD),
        "prices": _prices(years),
        "volatility": _volatility(),
        "policy": _policy(years),
        "options": _options(firms, options_per_firm),
        "assessments": empty("assessment", firms * options_per_firm),
        "market": _market(years),
        "world": _world(years),
        "spots": _spots(),
        "account": np.zeros(2, ACCOUNT_RECORD).view(np.recarray),
        "firms": _firms(firms, options_per_firm, networks),
        "technologies": _technologies(),
        "networks": _networks(networks),
        "financiers": _financiers(financiers),
        "governments": _governments(governments),
        "adoptions": _adoptions(governments),
        "pacts": _pact(firms, governments),
        "links": empty("link", links),
        "peer_ties": empty("peer_tie", peer_ties),
        "instruments": empty("instrument", 1),  # the first instrument, which government 0 promises
        "owners": _owners(firms),
        "queue": np.zeros(max(1, firms), np.int64),
        "draws": np.zeros(max(1, firms)),
        "credibility": np.full(max(1, financiers), 0.5),
        "loans": np.zeros(max(1, (firms + networks) * financiers)),
        "clients": np.zeros(max(1, (firms + networks) * financiers)),
        "rates": np.zeros(max(1, financiers)),
        "offers": np.zeros(max(1, financiers)),
        "ranking": np.zeros(max(1, financiers), np.int64),
    }
    state = State(**(later | known))
    expect_prices(state, 0)
    return state


def _prices(years):
    table = empty("price_table", years)
    table.low[:, 0], table.mid[:, 0], table.high[:, 0] = 50.0, 100.0, 200.0
    return table


def _volatility():
    table = empty("volatility", 1)
    table.cholesky[0] = np.eye(N_CARRIERS)
    return table


def _policy(years):
    table = np.zeros(years, POLICY_DTYPE).view(np.recarray)
    table.governance_mode = -1
    table.budget_meur_per_year = np.inf
    return table


def _market(years):
    table = empty("market", years)
    table.path[:, 0] = 100.0
    table.announced = 100.0
    table.in_force = 100.0
    table.statutory = 200.0
    return table


def _world(years):
    world = empty("world", 1)
    world.seed, world.run, world.start_year, world.years = 1, 0, 2025, years
    return world


def _spots():
    spots = empty("spot", 1)
    spots.price[0, 0] = 100.0
    spots.past_carbon_price[0] = 100.0
    return spots


def _options(firms, options_per_firm):
    table = empty("option", firms * options_per_firm)
    table.life_years = 20.0
    for row in range(len(table)):
        is_clean = row % options_per_firm > 0
        table[row].row = row
        table[row].technology = CLEAN if is_clean else INCUMBENT
        table[row].emission_kt = table[row].generated_kt = 100.0 if is_clean else 1000.0
        table[row].capex_meur = 100.0 if is_clean else 0.0
        table[row].build_quarters = 8.0 if is_clean else 0.0
    return table


def _firms(firms, options_per_firm, networks):
    table = empty("firm", firms)
    for i in range(firms):
        table[i].id = table[i].plant = agent_number(f"firm {i}")
        table[i].first_option = table[i].option = table[i].previous_option = i * options_per_firm
    table.n_options = options_per_firm
    table.baseline_kt = table.emission_kt = 1000.0
    table.visibility = table.optimism = 1.0
    table.jobs, table.jobs_multiplier, table.gva_meur, table.gva_multiplier = 100.0, 3.0, 50.0, 2.0
    table.network = [n if n < networks else -1 for n in range(N_KINDS)]
    table.base_intact = table.units = 1
    table.site = range(firms)
    table.gas_share = 1.0
    table.output_kt = 1000.0
    table.capability = table.disposition = 0.5
    table.owner = range(firms)
    table.campaign_meur = 100.0
    return table


def _owners(firms):
    """An owner for every firm, with 30 MEUR to put into projects and no room for debt."""
    table = empty("owner", firms)
    for o in range(firms):
        table[o].id = agent_number(f"owner {o}")
    table.first_firm = range(firms)
    table.gva_meur, table.budget_meur = 50.0, 30.0
    return table


def _technologies():
    table = empty("technology", 2)
    table.experience = table.cost = 1.0
    table.first_year = 2025.0
    return table


def _networks(networks):
    table = empty("network", networks)
    for n in range(networks):
        table[n].id, table[n].kind = agent_number(f"network {n}"), n
    table.phase, table.phase_capex_meur, table.scale_exponent = 1000.0, 300.0, 0.6
    table.opex_share, table.lead_quarters, table.life_years = 0.03, 12, 30.0
    table.tariff_cap, table.limit, table.disposition = 60.0, np.inf, 0.5
    return table


def _financiers(financiers):
    table = empty("financier", financiers)
    for f in range(financiers):
        table[f].id = agent_number(f"lender {f}")
    table.capital_meur, table.base_rate, table.novelty_appetite = 10000.0, 0.06, 1.0
    table.ticket_max_meur, table.disposition = np.inf, 0.5
    return table


def _governments(governments):
    table = empty("government", governments)
    for g in range(governments):
        table[g].id = agent_number(f"government {g}")
    table.price_scale = 1.0
    table.term_quarters = 16
    table[0].sets_carbon_price = 1
    table[min(1, governments - 1)].awards_support = 1
    table[min(2, governments - 1)].governs_pact = 1
    return table


def _adoptions(governments):
    """What may be adopted, as in a world, by the governments of that duty."""
    table = empty("adoption", governments * len(ADOPTABLE))
    holders = {"awards_support": min(1, governments - 1), "governs_pact": min(2, governments - 1)}
    for row, (g, k) in enumerate(np.ndindex(governments, len(ADOPTABLE))):
        instrument = ADOPTABLE[k]
        table[row].column, table[row].typical = POLICY_DTYPE.names.index(instrument.name), instrument.typical
        table[row].duty, table[row].may_adopt = DUTIES.index(instrument.adopted_by), g == holders[instrument.adopted_by]
    return table


def _pact(firms, governments):
    table = empty("pact", 1)
    table.own_mode = table.mode = MAJORITY
    table.baseline_kt = 1000.0 * firms
    table.n_firms = firms
    table.transparency = 0.3
    table.lenders_trust = 0.5
    table.budget_left_meur = np.inf
    table.support_government, table.pact_government = min(1, governments - 1), min(2, governments - 1)
    return table


def outlook(s, t=0):
    """What an appraiser of middling trust expects of the carbon price: shape (40,), EUR/t."""
    expect_prices(s, t)
    return look_ahead(s, 0, 0.5, 1.0, 0, s.world[0].outlook)


def paper(s, row=1, t=0):
    """The board paper of firm 0 on one of its options."""
    firm = s.firms[0]
    strike = firm.strike if row == firm.candidate else 0.0
    prices = outlook(s, t)
    return assess(s, 0, s.options[row], strike, expected_running_cost(s, firm), means_of(s, 0), prices, t)


def strike_of(s, row=1, t=0):
    """The break-even strike of one of firm 0's options, EUR/t."""
    return break_even_strike(s, 0, row, expected_running_cost(s, s.firms[0]), outlook(s, t), t)


def switch(s, row=1, t=0):
    """The switch of firm 0 to one of its options at the prices that it expects."""
    firm = s.firms[0]
    return expected_switch(s, firm, s.options[row], expected_running_cost(s, firm), t)


def review(s, t):
    """A quarter of governments: review, adoption, announcement, auction."""
    for step in (review_governments, adopt_instruments, announce_prices, auction_contracts):
        step(s, t)


def adoption(s, g, instrument):
    """The record of an instrument (by name) that government g may adopt."""
    return s.adoptions[g * len(ADOPTABLE) + place_of(instrument)]


def place_of(instrument):
    """Number of an instrument (by name) among those that may be adopted."""
    return [entry.name for entry in ADOPTABLE].index(instrument)

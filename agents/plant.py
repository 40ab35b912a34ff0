"""A plant at work: what it makes and emits, its campaign, construction, commissioning, and what it may fall back to."""

from typing import NamedTuple

from clusterpact.agents.bookings import release
from clusterpact.agents.compiled import part, rule
from clusterpact.agents.owners import spend_capital
from clusterpact.agents.projects import note_start, overrun_of
from clusterpact.agents.support import CREDIT_YEARS
from clusterpact.agents.technologies import renewal_cost
from clusterpact.agents.valuation import remaining_share
from clusterpact.agents.vocabulary import (
    BUILDING,
    CARRIER_TABLE,
    CLOSED_DOWN,
    FAILED,
    FID,
    IDLE,
    N_KINDS,
    NATURAL_GAS,
    NET_OPERATING,
    OPERATING,
    QUARTER,
)

HEAT_PER_GAS = 0.94  #: heat from a gas boiler per unit of gas (technologies.csv, process heat)
GAS_CO2 = CARRIER_TABLE[NATURAL_GAS].co2_t_per_mwh  #: t per MWh of natural gas


@rule
def has_stopped(firm):
    """Whether a plant makes nothing any more: it closed, or what it ran is stopped by law until its project starts."""
    return firm.stage == CLOSED_DOWN or firm.stopped == 1


@rule
def is_running(firm):
    """Whether a plant produces: all but those that have stopped, and the announced ones that are not built."""
    return not has_stopped(firm) and (firm.planned == 0 or firm.switched == 1)


@rule
def activity(firm):
    """What a firm makes now, per what it made at the start: 0 once it has stopped."""
    return 0.0 if has_stopped(firm) else firm.output


@part
def own_emission(s, firm):
    """Scope-1 emissions of what a firm runs, kt/year, furnace gases left out, less gas saved by heat from neighbours."""
    running = s.options[firm.option]
    made = activity(firm)
    if firm.heat_relief_gwh == 0.0:
        return max(0.0, running.emission_kt * made)
    gas = running.energy_gwh[NATURAL_GAS] * made
    saved = min(firm.heat_relief_gwh / HEAT_PER_GAS, max(0.0, gas)) * GAS_CO2
    return max(0.0, running.emission_kt * made - saved)


@rule
def emission_rate(s, firm):
    """Scope-1 emissions of a firm, kt/year: of what it runs, and of furnace gases."""
    return own_emission(s, firm) + furnace_gas(s, firm)


@part
def furnace_gas(s, firm):
    """CO2 of a works' furnace gases burnt here, beyond that of natural gas, kt/year: as far as its furnaces stand and run.

    Once they are gone the plant burns natural gas in their place, whose CO2 its technology row counts. Where the plant has
    closed, what is left of the gases is flared.
    """
    if firm.gas_supplier < 0:
        return 0.0
    share = 0.0
    works = s.firms[firm.gas_supplier].site
    for k in range(works, works + s.firms[works].units):
        if s.firms[k].base_intact == 1:
            share += s.firms[k].gas_share * activity(s.firms[k])
    return firm.gas_kt * share


class Abated(NamedTuple):
    """What a firm emits less than at the start, kt/year, by cause; with its emissions it adds up to its baseline."""

    switched_kt: float  #: by what it runs instead, captures, or saves thanks to neighbours' heat
    closed_kt: float  #: by closing
    output_kt: float  #: by making less; negative if it makes more


@part
def abated_by(s, firm, own_emission_kt):
    """What a firm emits less than at the start, by cause (model-2.md E4); own_emission_kt: see `own_emission`.

    Output comes first: a plant that makes u of what it made emits (1 - u) of its baseline less. What is left of it, u, is
    closed if the plant has, whatever it had turned to, and switched as far as it emits less than that. Furnace gases that it
    burnt go by what became of the furnaces.
    """
    own_kt = firm.baseline_kt - firm.gas_kt
    output_kt = own_kt * (1.0 - firm.output)
    closed_kt = own_kt - output_kt if has_stopped(firm) else 0.0
    switched_kt = own_kt - output_kt - closed_kt - own_emission_kt
    if firm.gas_supplier >= 0:
        works = s.firms[firm.gas_supplier].site
        for k in range(works, works + s.firms[works].units):
            unit = s.firms[k]
            gases = firm.gas_kt * unit.gas_share
            output_kt += gases * (1.0 - unit.output)
            if has_stopped(unit):
                closed_kt += gases * unit.output
            elif unit.base_intact == 0:
                switched_kt += gases * unit.output
    return Abated(switched_kt, closed_kt, output_kt)


@rule
def resting_stage(firm):
    """The rung of a firm without a project under way."""
    return OPERATING if firm.switched == 1 else IDLE


@rule
def waits_for_network(s, firm):
    """Whether a plant that is otherwise ready cannot start: a network that it needs is not open or has no room."""
    if firm.candidate < 0:
        return False
    for kind in range(N_KINDS):
        needed = s.options[firm.candidate].volume[kind]
        if needed <= 0.0:
            continue
        network = s.networks[firm.network[kind]]
        running = s.options[firm.option].volume[kind]
        open_room = network.capacity - network.extension - network.used
        if network.stage != NET_OPERATING or needed - running > open_room + 1e-9 * network.capacity:
            return True
    return False


@rule
def renew_campaign(s, firm):
    """Age the running campaign; at its end the firm relines and a new one begins."""
    running = s.options[firm.option]
    firm.campaign_age += QUARTER
    if running.campaign_years > 0.0 and firm.campaign_age >= running.campaign_years:
        s.account[0].renewal_meur += renewal_cost(s, running)
        firm.campaign_age = 0.0


@rule
def commission(s, i, t):
    """The new plant starts: it replaces what ran before, and loans, contract and network use begin."""
    firm = s.firms[i]
    option = s.options[firm.candidate]
    running = s.options[firm.option]
    pay_overrun(s, i, option)
    if option.is_increment == 0:
        book = s.parameters[0].stranding_share * renewal_cost(s, running)
        s.account[0].stranded_meur += book * remaining_share(running, firm.campaign_age)
    firm.previous_option = firm.option
    firm.previous_age = firm.campaign_age
    for kind in range(N_KINDS):
        n = firm.network[kind]
        if n >= 0:
            s.networks[n].used += option.volume[kind] - running.volume[kind]
    firm.option = firm.candidate
    firm.candidate = -1
    firm.choice = 0.0
    firm.available = 0
    if option.is_increment == 0:
        firm.base_intact = 0
        firm.campaign_age = 0.0
    firm.switched = 1
    firm.stopped = 0
    firm.stage = OPERATING
    firm.start_quarter = t
    firm.losing_quarters = 0
    start_contracts(s, firm, t)
    release(s, firm)
    note_start(s, firm, t)


@rule
def pay_overrun(s, i, option):
    """What a project cost more than was decided: its owner pays it, out of its budget."""
    firm = s.firms[i]
    extra = firm.capex_meur * overrun_of(s, firm, option)
    if extra <= 0.0:
        return
    firm.capex_meur += extra
    firm.equity_meur += extra
    spend_capital(s, i, extra, 0.0)
    s.account[0].project_capex_meur += extra
    s.account[0].equity_meur += extra
    s.account[0].overrun_meur += extra


@rule
def start_contracts(s, firm, t):
    """The contract and tax credit of a project that starts; what an earlier project won runs on to its own end.

    A credit that comes on top of one that runs is paid with it: at the mean rate by tonnes, to the mean end by money, so
    that both together bring what was promised.
    """
    before, now = s.options[firm.previous_option], s.options[firm.option]
    if firm.strike > 0.0:
        firm.running_strike = firm.strike
        firm.running_until = t + int(4.0 * s.parameters[0].ccfd_years)
        firm.contract_kt = before.emission_kt - now.emission_kt
        firm.strike = 0.0
    more_kt = now.captured_kt - before.captured_kt
    if firm.credit > 0.0 and more_kt > 0.0:
        kept_kt = min(firm.credit_kt, before.captured_kt) if firm.running_credit > 0.0 else 0.0
        share = more_kt / (more_kt + kept_kt)
        paid = more_kt * firm.credit / (more_kt * firm.credit + kept_kt * firm.running_credit)
        firm.running_credit += share * (firm.credit - firm.running_credit)
        end = paid * (t + 4 * CREDIT_YEARS) + (1.0 - paid) * firm.credit_until
        firm.credit_until = int(end + 0.5)
        firm.credit_kt = more_kt + kept_kt
    firm.credit = 0.0


@rule
def work_on_plants(s, t):
    """Permits, construction and commissioning; campaigns age; unused or expired carbon contracts end."""
    for i in range(s.firms.size):
        firm = s.firms[i]
        if firm.stage == FID and t > firm.fid_quarter:
            firm.stage = BUILDING
        if firm.stage == BUILDING and t >= firm.ready_quarter and not waits_for_network(s, firm):
            commission(s, i, t)
        elif is_running(firm):
            renew_campaign(s, firm)
        busy = firm.stage == FID or firm.stage == BUILDING
        if firm.strike > 0.0 and t >= firm.strike_until and not busy:
            firm.strike = 0.0
        if firm.running_strike > 0.0 and t >= firm.running_until:
            firm.running_strike = 0.0
        if firm.running_credit > 0.0 and t >= firm.credit_until:
            firm.running_credit = 0.0
        if firm.stage == FAILED and t >= firm.failed_until:
            firm.stage = resting_stage(firm)

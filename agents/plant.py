"""A plant at work: what it emits, its campaign, construction, commissioning, and what it may fall back to."""

from clusterpact.agents.bookings import release
from clusterpact.agents.compiled import rule
from clusterpact.agents.support import CREDIT_YEARS
from clusterpact.agents.technologies import renewal_cost
from clusterpact.agents.valuation import remaining_share
from clusterpact.agents.vocabulary import (
    BUILDING,
    CARRIER_TABLE,
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
def is_running(firm):
    """Whether a plant produces: all but the announced ones that are not built."""
    return firm.planned == 0 or firm.switched == 1


@rule
def emission_rate(s, firm):
    """Scope-1 emissions of a firm, kt/year: of what it runs and of furnace gases, less gas saved by heat from neighbours."""
    running = s.options[firm.option]
    gas = running.energy_gwh[NATURAL_GAS]
    saved = min(firm.heat_relief_gwh / HEAT_PER_GAS, max(0.0, gas)) * GAS_CO2
    return max(0.0, running.emission_kt - saved) + furnace_gas(s, firm)


@rule
def furnace_gas(s, firm):
    """CO2 of a works' furnace gases burnt here, beyond that of natural gas, kt/year: while the works' furnaces stand.

    Once they are gone the plant burns natural gas in their place, whose CO2 its technology row counts.
    """
    if firm.gas_supplier < 0 or s.firms[firm.gas_supplier].base_intact == 0:
        return 0.0
    return firm.gas_kt


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
    firm.stage = OPERATING
    firm.start_quarter = t
    firm.losing_quarters = 0
    start_contracts(s, firm, t)
    release(s, firm)


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

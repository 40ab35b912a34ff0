"""What is recorded every year: name, unit, meaning, and whether it is a sum over the year or a level at its end."""

from dataclasses import dataclass

from clusterpact.agents.layout import flat, folded
from clusterpact.agents.vocabulary import GATES, NETWORK_KINDS


@dataclass(frozen=True)
class Measure:
    """One recorded quantity. kind: `flow` sums four quarters, `mean` averages them, `level` is the last quarter's."""

    name: str
    unit: str
    meaning: str
    kind: str


def _flow(name: str, unit: str, meaning: str) -> Measure:
    return Measure(name, unit, meaning, "flow")


def _level(name: str, unit: str, meaning: str) -> Measure:
    return Measure(name, unit, meaning, "level")


MEASURES = (
    _flow("scope1_kt", "kt CO2e", "scope-1 emissions"),
    _flow("captured_kt", "kt CO2", "captured CO2, biogenic included"),
    _flow("displaced_kt", "kt CO2", "CO2 no longer generated, against the start"),
    _flow("switched_kt", "kt CO2e", "emitted less than at the start because plants run something else, or capture"),
    _flow("closed_kt", "kt CO2e", "emitted less than at the start because plants closed"),
    _flow("output_kt", "kt CO2e", "emitted less than at the start because plants make less; negative if they make more"),
    _flow("free_allocation_kt", "kt CO2e", "emission allowances that plants get for free"),
    _flow("carbon_cost_meur", "MEUR", "carbon price paid by plants, less the value of free allowances"),
    _flow("scope2_gwh", "GWh", "electricity bought"),
    _flow("hydrogen_gwh", "GWh", "hydrogen bought less sold"),
    _flow("heat_sold_gwh", "GWh", "waste heat to networks in the cold quarters and to neighbours all year"),
    _flow("heat_power_gwh", "GWh", "electricity from waste heat in the warm quarters"),
    _flow("project_capex_meur", "MEUR", "capital cost of plants' projects decided"),
    _flow("equity_meur", "MEUR", "owners' own means in projects"),
    _flow("corporate_debt_meur", "MEUR", "debt of owners for projects on their balance sheets"),
    _flow("debt_meur", "MEUR", "lenders' loans to projects"),
    _flow("concessional_meur", "MEUR", "public concessional loans to projects"),
    _flow("grant_element_meur", "MEUR", "gift in public concessional loans against the market's rate"),
    _flow("grants_meur", "MEUR", "public grants to projects"),
    _flow("overrun_meur", "MEUR", "what projects cost more than was decided; in the capital cost and in owners' means"),
    _flow("network_capex_meur", "MEUR", "capital cost of networks decided"),
    _flow("network_equity_meur", "MEUR", "operators' equity in networks"),
    _flow("network_debt_meur", "MEUR", "lenders' loans to networks"),
    _flow("network_grants_meur", "MEUR", "public grants to networks"),
    _flow("ccfd_meur", "MEUR", "payments on carbon contracts; negative if firms pay back"),
    _flow("tax_credits_meur", "MEUR", "tax credits for captured CO2"),
    _flow("procurement_meur", "MEUR", "premium that the public hand pays as a buyer"),
    _flow("offtake_meur", "MEUR", "premium that other buyers pay"),
    _flow("guarantee_calls_meur", "MEUR", "public losses on guaranteed and concessional loans"),
    _flow("guarantee_fees_meur", "MEUR", "fees for guaranteed loans; negative, since the state gets them"),
    _flow("network_cover_meur", "MEUR", "rise of the state's share of networks' unrecovered accounts"),
    _flow("skills_meur", "MEUR", "public cost of education"),
    _flow("orchestrator_meur", "MEUR", "public cost of the cluster office, beyond what deposits pay"),
    _flow("renewal_meur", "MEUR", "renewal of running campaigns, paid by firms"),
    _flow("link_meur", "MEUR", "heat links, paid by firms"),
    _flow("lost_development_meur", "MEUR", "development cost of commitments that lapsed or broke"),
    _flow("sanctions_meur", "MEUR", "deposits that broken promises cost firms, paid to the pact"),
    _flow("stranded_meur", "MEUR", "book value of campaigns replaced early and of failed projects"),
    _flow("refinanced_meur", "MEUR", "old loans repaid at a next decision"),
    _flow("defaults", "projects", "projects in default"),
    _flow("reversals", "-", "policy reversals"),
    _flow("closures", "units", "plants, or units of plants, that closed"),
    _flow("offtakes_signed", "contracts", "buyers' contracts signed"),
    _flow("offtakes_kept", "contracts", "buyers' contracts kept to their end"),
    _flow("offtakes_broken", "contracts", "buyers' contracts broken, by plants or by buyers"),
    Measure("carbon_price_eur_per_t", "EUR/t", "carbon price in force", "mean"),
    _level("announced_price_eur_per_t", "EUR/t", "carbon price announced for five years ahead"),
    _level("abated_share", "-", "abated share of scope 1 (rate at the end of the year): the sum of the next three"),
    _level("switched_share", "-", "share of scope 1 abated by switching"),
    _level("closed_share", "-", "share of scope 1 abated by closing"),
    _level("output_share", "-", "share of scope 1 abated by making less; negative if plants make more"),
    _level("trust_in_firms", "-", "emission-weighted trust of firms in firms"),
    _level("trust_in_governments", "-", "mean trust of firms in governments"),
    _level("trust_in_operators", "-", "mean trust of lenders in operators"),
    _level("trust_in_buyers", "-", "mean trust of firms in buyers; 0 without buyers"),
    _level("adopted_instruments", "-", "instruments that governments adopted by themselves or from peers"),
    _level("capability", "-", "mean capability of firms"),
    _level("hurdle_pct", "%/year", "mean hurdle rate of firms with a candidate"),
    _level("pledged_share", "-", "baseline emissions of firms that pledged"),
    _level("committed_share", "-", "baseline emissions of firms under commitment"),
    _level("decided_share", "-", "baseline emissions of firms with an FID or in works"),
    _level("operating_share", "-", "baseline emissions of firms that run a new plant"),
    _level("jobs_direct", "jobs", "direct jobs in plants that run"),
    _level("jobs_total", "jobs", "direct, indirect and induced jobs"),
    _level("gva_meur", "MEUR/year", "direct gross value added"),
    _level("gva_total_meur", "MEUR/year", "direct, indirect and induced gross value added"),
    _level("guaranteed_meur", "MEUR", "most that the state may still be asked for: guaranteed loans, networks it covers"),
    *(_level(f"{kind}_capacity", "kt or GWh/year", f"{kind}: capacity decided") for kind in NETWORK_KINDS),
    *(_level(f"{kind}_used", "kt or GWh/year", f"{kind}: capacity in use") for kind in NETWORK_KINDS),
    *(
        _level(f"gate_{number}", "-", f"share of scope 1 that plants behind gate {number} still emit: {gate}")
        for number, gate in enumerate(GATES, start=1)
    ),
)

ACCOUNT_DTYPE = flat(measure.name for measure in MEASURES)
#: The same words for rules: what is counted per kind of network or per gate is one array.
ACCOUNT_RECORD = folded(
    (measure.name for measure in MEASURES),
    {
        "network_capacity": tuple(f"{kind}_capacity" for kind in NETWORK_KINDS),
        "network_used": tuple(f"{kind}_used" for kind in NETWORK_KINDS),
        "gate": tuple(f"gate_{number}" for number in range(1, len(GATES) + 1)),
    },
)

#: Columns of the account that are public money, and those that are private.
PUBLIC_LINES = (
    "grants_meur", "grant_element_meur", "ccfd_meur", "tax_credits_meur", "guarantee_calls_meur", "guarantee_fees_meur",
    "network_grants_meur", "network_cover_meur", "skills_meur", "orchestrator_meur", "procurement_meur",
)  # fmt: skip
PRIVATE_LINES = (
    "equity_meur", "corporate_debt_meur", "debt_meur", "network_equity_meur", "network_debt_meur", "link_meur",
    "lost_development_meur", "sanctions_meur", "offtake_meur",
)  # fmt: skip

"""Sites whose mapping rests on a guess, for a person to look at."""

from collections.abc import Iterable
from dataclasses import dataclass

from clusterpact.experiments.making.activities import Mapped
from clusterpact.experiments.making.site import Site
from clusterpact.experiments.making.usual import PlantSize

REVIEW_FILE = "review.csv"
NAMED = 3  #: guesses named in the report


@dataclass(frozen=True)
class Guess:
    """A plant whose sector or technology the register does not tell."""

    site: Site
    mapped: Mapped
    tonnes: float
    by: str  #: what decided: size, country's main fuel, code or word
    reason: str
    alternatives: str


def guesses(plants: Iterable[tuple[Site, Mapped]], year: int, sizes: dict[tuple[str, str], PlantSize]) -> tuple[Guess, ...]:
    """The plants that rest on a guess, in their order: by size, country's fuel, a catch-all row, or large of their kind.

    Rows of a user's own table are a user's word. `sizes` holds the usual size by (sector, technology).
    """
    found = []
    for site, mapped in plants:
        kt = site.emissions_t[year] / 1000
        usual = sizes.get((mapped.row.sector, mapped.row.technology))
        reasons = _reasons(site, mapped, kt, usual)
        if reasons and not mapped.own:
            other = f"{usual.alternatives}: " if usual else ""
            alternatives = f"{other}add a row to your own mapping table (--activities)"
            found.append(Guess(site, mapped, site.emissions_t[year], _decided(mapped), "; ".join(reasons), alternatives))
    return tuple(found)


def _decided(mapped: Mapped) -> str:
    row = mapped.row
    if row.by_country and mapped.word:
        return "country's main fuel"
    if row.from_kt > 0:
        return "size"
    return "word" if mapped.word else "code"


def _reasons(site: Site, mapped: Mapped, kt: float, usual: PlantSize | None) -> list[str]:
    row, fuel = mapped.row, mapped.fuel
    reasons = []
    if row.from_kt > 0:
        reasons.append(f"told by size, above {row.from_kt:g} kt a year: {row.source}")
    if row.by_country and fuel is None:
        reasons.append(f"the fuel is not told, and no main fuel is known of {site.country or 'its country'}: gas assumed")
    elif row.by_country and fuel and mapped.small:
        reasons.append(
            f"the fuel is not told: gas, as stations below {fuel.from_kt:g} kt a year of {site.country} mostly burn"
        )
    elif row.by_country and fuel:
        reasons.append(f"the fuel is not told: main fuel of {site.country}: {fuel.source}")
    if not reasons and not mapped.word and row.mark == "estimate":
        reasons.append(f"the code does not say more: {row.source}")
    if usual and kt > usual.review_above_kt:
        reasons.append(f"large for {row.technology!r} (above {usual.review_above_kt:g} kt a year)")
    return reasons


def review_rows(found: Iterable[Guess]) -> list[dict[str, str]]:
    """Rows of `review.csv`, as text."""
    return [
        {
            "register_id": guess.site.id, "name": guess.site.name, "operator": guess.site.operator,
            "kt": f"{guess.tonnes / 1000:.10g}", "sector": guess.mapped.row.sector,
            "technology": guess.mapped.row.technology, "by": guess.by, "word": guess.mapped.word, "reason": guess.reason,
            "alternatives": guess.alternatives,
        }
        for guess in found
    ]  # fmt: skip


REVIEW_COLUMNS = ("register_id", "name", "operator", "kt", "sector", "technology", "by", "word", "reason", "alternatives")


def review_line(found: tuple[Guess, ...], plants: int, mapped_t: float) -> str:
    """How many plants and which share of their emissions rest on a guess."""
    return f"{len(found):,} of {plants:,} plants, {_share(found, mapped_t)} of kt, rest on a guess"


def _share(found: tuple[Guess, ...], mapped_t: float) -> str:
    return f"{100 * sum(guess.tonnes for guess in found) / mapped_t:.0f} %"


def largest(found: tuple[Guess, ...]) -> str:
    """The largest guesses by name, with their kt."""
    return ", ".join(f"{guess.site.name or guess.site.id} ({guess.tonnes / 1000:,.1f} kt)" for guess in found[:NAMED])

"""Which column of a table means what, and which of its kinds is which sector: mapping files, and what is typed for them."""

import fnmatch
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from clusterpact.experiments.making import MAKING
from clusterpact.experiments.making.activities import KINDS
from clusterpact.experiments.making.folding import folded
from clusterpact.inputs import InputError, Record, check, nearest, read_toml
from clusterpact.sim.amounts import Positive
from clusterpact.sim.tables import Technology

PRESETS = MAKING / "registers" / "tables"
EMISSIONS = {"emissions_t": 1.0, "emissions_kt": 1000.0, "emissions_kg": 0.001}  #: t per unit of a column
FIELDS = ("name", "sector", *EMISSIONS, "year", "id", "operator", "parent", "technology", "latitude", "longitude",
          "postcode", "city", "state", "country")  # fmt: skip
EXAMPLE = '"Iron & Steel" = "secondary_steel"'
HINT = f'expected a file for --kinds with [kinds] and a line for each, such as {EXAMPLE} ("" leaves them out)'
CODE = re.compile(rf"({'|'.join(kind for kind in KINDS if kind != 'table')}) (\S.*)")


class TableFile(Record):
    """A mapping file. `columns`: names in the table by field, more than one where they differ by edition.

    `rows`: only rows with one of these cells count. `factor`: t of CO2 per t of the column. `add_up`: rows of one site and
    year are summed. `codes`: the register of the mapping table whose codes the column `sector` holds. `kinds`: cells of that
    column (* for any letters) to 'sector', 'sector: technology', 'register CODE', or nothing to leave them out.
    """

    title: str = ""
    attribution: str = ""
    note: str = ""
    sheet: str = ""
    country: str = ""
    factor: Positive = 1.0
    add_up: bool = False
    codes: str = ""
    columns: dict[str, str | tuple[str, ...]] = Field(default_factory=dict)
    rows: dict[str, str | tuple[str, ...]] = Field(default_factory=dict)
    kinds: dict[str, str] = Field(default_factory=dict)


def mapping(columns: str | None, kinds: Path | None) -> TableFile:
    """What --columns says (a mapping file, the name of one of the library's, or field=column,…), with --kinds on top."""
    file = _columns(columns.strip() if columns else "")
    for field in file.columns:
        if field not in FIELDS:
            known = "emissions" if field.startswith("emission") else ""
            expected = "in what unit?; expected emissions_t, emissions_kt or emissions_kg" if known else "unknown field"
            raise InputError("", "--columns", field, expected, () if known else FIELDS)
    own = {} if kinds is None else _kinds(kinds)
    return file.model_copy(update={"kinds": own | {kind: text for kind, text in file.kinds.items() if kind not in own}})


def _columns(text: str) -> TableFile:
    if not text:
        return TableFile()
    if text.endswith(".toml") or Path(text).is_file():
        return check(TableFile, read_toml(Path(text)), text, strict=True)
    if "=" not in text:
        presets = {path.stem: path for path in sorted(PRESETS.glob("*.toml"))}
        if text not in presets:
            expected = "expected name=COLUMN,sector=COLUMN,…, a file .toml, or the name of a known table"
            raise InputError("", "--columns", text, expected + nearest(text, presets))
        return check(TableFile, read_toml(presets[text]), presets[text], strict=True)
    pairs: dict[str, str | tuple[str, ...]] = {}
    for part in text.split(","):
        field, separator, column = (piece.strip() for piece in part.partition("="))
        if not separator or not field or not column or field in pairs:
            raise InputError(
                "", "--columns", part, "expected each field once, as in name=Facility,sector=Kind,emissions_kt=CO2"
            )
        pairs[field] = column
    return TableFile(columns=pairs)


def _kinds(path: Path) -> dict[str, str]:
    found = read_toml(path)
    if set(found) != {"kinds"}:
        raise InputError(path, "kinds", None, f"expected [kinds] and lines such as {EXAMPLE}, and nothing else")
    return check(TableFile, found, path, strict=True).kinds


def plain(name: str) -> str:
    """A name without blanks, signs and case: as columns and kinds are compared."""
    return folded(name.replace("_", " ")).replace(" ", "")


def find_columns(file: TableFile, header: list[str], where: tuple[object, int]) -> dict[str, str]:
    """The column of the table for each field; where: the file and the line of the header.

    A field that is not named takes the column that is called as it is. Raises InputError where one is missing.
    """
    path, line = where
    by_plain = {plain(name): name for name in header}
    found = {}
    for field in FIELDS:
        wanted = file.columns.get(field, (field,))
        names = (wanted,) if isinstance(wanted, str) else wanted
        column = next((by_plain[plain(name)] for name in names if plain(name) in by_plain), None)
        if column is not None:
            found[field] = column
        elif field in file.columns and not _is_constant(field, names[0]):
            place = f"line {line}, column {names[0]!r}"
            raise InputError(path, place, None, "missing column" + nearest(names[0], header))
    amounts = [field for field in EMISSIONS if field in found]
    for field in ("name", "sector"):
        if field not in found:
            expected = f"missing column{nearest(field, header)} (say which it is: --columns {field}=…)"
            raise InputError(path, f"line {line}, column {field!r}", None, expected)
    if len(amounts) != 1:
        expected = "expected one column of emissions: --columns emissions_t=…, emissions_kt=… or emissions_kg=…"
        raise InputError(path, f"line {line}", None, expected + ("" if amounts else nearest("emissions", header)))
    return found


def _is_constant(field: str, text: str) -> bool:
    """Whether what stands for a column is the value itself: a year, or the code of a country."""
    return re.fullmatch({"year": r"(19|20|21)\d\d", "country": r"[A-Z]{2,3}"}.get(field, r"(?!)"), text) is not None


def constant(file: TableFile, field: str) -> str:
    """The year or country of the whole table, if --columns or its mapping file says it."""
    named = file.columns.get(field)
    if isinstance(named, str) and _is_constant(field, named):
        return named
    return file.country if field == "country" else ""


@dataclass(frozen=True)
class Kind:
    """What a kind of a table is: a sector with its technology; or a code of a register in the mapping table; or neither."""

    sector: str = ""
    technology: str = ""
    register: str = ""
    code: str = ""


class Kinds:
    """Turns the kinds of a table into sectors: the names of sectors, and what a mapping file says."""

    def __init__(self, kinds: Mapping[str, str], technologies: tuple[Technology, ...]):
        self.technologies = technologies
        self.sectors = {plain(row.sector): row.sector for row in technologies}
        self.exact = {_loose(kind): self._read(kind, text) for kind, text in kinds.items()}
        self.patterns = [(kind, meaning) for kind, meaning in self.exact.items() if "*" in kind]

    def find(self, kind: str) -> Kind | None:
        """What a kind is; None if nothing says so."""
        loose = _loose(kind)
        if loose in self.exact:
            return self.exact[loose]
        if plain(kind) in self.sectors:
            return self._read(kind, plain(kind))
        return next((meaning for pattern, meaning in self.patterns if fnmatch.fnmatchcase(loose, pattern)), None)

    def _read(self, kind: str, text: str) -> Kind:
        """The meaning that is written for a kind."""
        if not text.strip():
            return Kind()
        if coded := CODE.fullmatch(text.strip()):
            return Kind(register=coded[1], code=coded[2])
        name, _, technology = (part.strip() for part in text.partition(":"))
        key = f"kinds.{kind!r}"
        if plain(name) not in self.sectors:
            raise InputError("--kinds", key, text, "unknown sector", sorted(self.sectors.values()))
        return self.of_sector(key, self.sectors[plain(name)], technology)

    def of_sector(self, where: str, sector: str, technology: str) -> Kind:
        """A sector with a technology of its own, or that which most of its plants run today."""
        rows = [row for row in self.technologies if row.sector == sector]
        names = [row.technology for row in rows]
        if technology and technology not in names:
            raise InputError(where, "technology", technology, f"no such technology in sector {sector!r}", names)
        chosen = next(row for row in rows if row.technology == technology or (not technology and row.role == "incumbent"))
        if chosen.co2_direct_t_per_unit == 0:
            raise InputError(where, "technology", chosen.technology, "emits no CO2; expected what the sites run today")
        return Kind(sector, chosen.technology)


def _loose(kind: str) -> str:
    """A kind as it is looked up: without case, dots and doubled blanks."""
    return " ".join(kind.casefold().replace(".", "").split())

"""The texts of the page in other languages: what there is to translate, and the catalogues that hold it.

`make texts` adds what is new to the catalogues, untranslated, and takes out what is gone.
"""

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from clusterpact.agents.parameters import PARAMETERS
from clusterpact.agents.vocabulary import (
    BUDGET_LINES,
    GATE_SWITCHED,
    GATE_WORKS,
    GATES,
    GOVERNANCE_MODES,
    NETWORK_KIND_TABLE,
    NETWORK_KINDS,
    PROJECT_STAGES,
)
from clusterpact.experiments.design import KINDS
from clusterpact.inputs import read_toml
from clusterpact.policies.catalogue import INSTRUMENTS, PRACTICES, STAKEHOLDERS
from clusterpact.policies.package import library_names, library_package
from clusterpact.policies.targets import KEYS
from clusterpact.results.figures import comparison, front, levers, result, timing
from clusterpact.results.figures.cluster_map import cluster_map
from clusterpact.results.language import CATALOGUES, LANGUAGES
from clusterpact.results.recorded import CAUSES
from clusterpact.results.report.page import described
from clusterpact.results.statistics import compare, roadmap
from clusterpact.results.statistics import levers as ranked
from clusterpact.results.summary import TOTALS
from clusterpact.sim.scenario import CLUSTERS
from clusterpact.sim.tables import read_tables

ROOT = Path(__file__).parents[1]
SOURCES = ("results/**/*.py", "results/**/*.html", "experiments/*.py")
KEYWORDS = {"_": None, "gettext": None, "plural": (1, 2)}
HEADER = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=({plural});\\n"

"""
PLURALS = {"fr": "n > 1", "de": "n != 1"}
UNITS = (
    "%",
    "% of scope 1",
    "% of emissions at the start",
    "Mt",
    "year",
    "kt",
    "GWh",
    "MEUR/year",
)  #: beside those of tables


def said() -> Iterator[str | tuple[str, ...]]:
    """Every text that the page may show: of calls in Python and in templates, and of the product's own tables."""
    for pattern in SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            method = "jinja2.ext:babel_extract" if path.suffix == ".html" else "python"
            found = extract(method, io.BytesIO(path.read_bytes()), KEYWORDS, (), {"extensions": "jinja2.ext.i18n"})
            yield from (message for _line, message, _comments, _context in found if message)
    yield from filter(None, tabled())


def tabled() -> Iterator[str]:
    """Texts of the product's own tables and lists of words, and captions of figures."""
    for instrument in INSTRUMENTS.values():
        yield from (instrument.action, instrument.unit, instrument.who_pays)
    for parameter in PARAMETERS.values():
        yield from (parameter.meaning, parameter.unit)
    yield from (practice.action for practice in PRACTICES)
    for name in library_names():
        package = library_package(name)
        yield from (package.title, package.description)
    yield from (read_toml(path)["title"] for path in sorted(ROOT.glob("experiments/library/*.toml")))
    for cluster in sorted(CLUSTERS.glob("*/cluster.toml")):
        yield from (network["name"] for network in read_toml(cluster).get("network", []))
    yield from (text for row in read_tables().technologies for text in (row.technology, row.sector.replace("_", " ")))
    yield from (kind.label for kind in NETWORK_KIND_TABLE.values())
    yield from (*STAKEHOLDERS, *(name.capitalize() for name in STAKEHOLDERS), *(f"{line} budget" for line in BUDGET_LINES))
    yield from (*GATES, *(f"{GATES[gate - 1]} (another project)" for gate in (GATE_WORKS, GATE_SWITCHED)))
    yield from (*KEYS, *NETWORK_KINDS, *PROJECT_STAGES, *KINDS, *CAUSES.values(), *UNITS, "first phase", "extension")
    yield from GOVERNANCE_MODES
    yield from (*compare.ABATED.values(), *compare.TRUST.values(), *compare.VERDICTS, *roadmap.CHECKS.values())
    yield from (text for label, unit, _better in compare.PLAIN.values() for text in (label, unit))
    yield from (*ranked.VERDICTS, ranked.SAVES, ranked.FREE, ranked.COSTS, ranked.UNKNOWN, *(row[1] for row in TOTALS))
    yield from map(
        described,
        (result.emissions, result.abatement, result.gates, result.timeline, result.runs, result.pathways, levers.levers),
    )
    yield from map(
        described,
        (comparison.differences, comparison.regrets, comparison.members, comparison.trust, comparison.cost, timing.timing),
    )
    yield from map(described, (cluster_map, front.front, front.trade_offs))


def renewed(code: str) -> bytes:
    """The catalogue of a language as it should lie: a text once, in order, with the translation that it has."""
    old = read_po(io.BytesIO((CATALOGUES / f"{code}.po").read_bytes()), locale=code)
    header = HEADER.format(plural=PLURALS[code]).encode()
    new = read_po(io.BytesIO(header), locale=code)
    for message in dict.fromkeys(said()):
        known = old.get(message if isinstance(message, str) else message[0])
        new.add(message, known.string if known is not None else "" if isinstance(message, str) else ("", ""))
    for text in new:
        text.flags.discard("python-format")  # every % is one
    file = io.BytesIO()
    write_po(file, new, width=120, no_location=True, omit_header=True, sort_output=True)
    return header + file.getvalue().strip() + b"\n"


def main() -> None:
    """Write the catalogues anew, and say what they lack."""
    for code in LANGUAGES:
        if code != "en":
            path = CATALOGUES / f"{code}.po"
            path.write_bytes(renewed(code))
            texts = read_po(io.BytesIO(path.read_bytes()), locale=code)
            lacking = [message.id for message in texts if message.id and not all(message.string or [""])]
            print(f"{path.relative_to(ROOT)}: {len(texts)} texts, {len(lacking)} without a translation")


if __name__ == "__main__":
    main()

"""The lab as one file: modules, rules and data inside it, so that it works from a disk and asks nobody for anything.

A browser loads no module and no worker from a file on disk. So the modules are put one after the other as one script, and
the text of those that run in threads stands in the page, which makes threads of it. What has no hash does not run.
"""

import base64
import html
import json
import re
import zlib
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

from clusterpact.experiments.experiment import Experiment
from clusterpact.files import write_atomically
from clusterpact.inputs import InputError
from clusterpact.lab.data import lab_data
from clusterpact.results.language import LANGUAGES, language

PAGE = Path(__file__).with_name("page")
#: Modules in the order in which they are put together: of a thread, and of the page.
THREAD = ("rules.mjs", "engine.mjs", "worker.mjs")
MODULES = (
    "texts.mjs", "statistics.mjs", "scenario.mjs", "pool.mjs", "link.mjs", "figures.mjs", "charts.mjs", "answers.mjs",
    "schedule.mjs", "levers.mjs", "whatif.mjs", "saved.mjs", "story.mjs", "why.mjs", "csv.mjs", "svg.mjs", "toml.mjs",
    "outputs.mjs", "main.mjs",
)  # fmt: skip
CHARTS = "vendor/uPlot.iife.min.js"
STYLES = ("vendor/uPlot.min.css", "lab.css")
IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./(\w+)\.mjs";$', re.MULTILINE)
EXPORT = re.compile(r"^export ((?:async )?(?:const|class|function) (\w+))", re.MULTILINE)
HOLE = re.compile(r"\{\{(\w+)\}\}")


def lab_page(data: dict[str, Any], start: str | None = None) -> str:
    """The page about the data of an experiment (see `clusterpact.lab.data.lab_data`), as HTML.

    start: code of the language that it opens in; None: the reader's, if the page speaks it. Raises InputError for a language
    that there is not, and for a baseline that the page cannot run.
    """
    if start is not None:
        language(start)
    if next(one for one in data["policies"] if one["name"] == data["baseline"])["fixed"]:
        expected = (
            "says whom an instrument is for, or waits for a signal, which the lab cannot run; expected another baseline"
        )
        raise InputError(data["name"], "baseline", data["baseline"], expected)
    wasm = zlib.compress((PAGE / "rules.wasm").read_bytes(), 9)
    scripts = {"charts": _text(CHARTS), "page": together(MODULES)}
    style = "\n".join(map(_text, STYLES))
    texts = {
        "start": start,
        "rules": json.loads(_text("rules.json"))["rules"],
        "page": json.loads(_text("texts.json")),
        "words": words_of(data),
    }
    filled = {
        "title": html.escape(str(data["title"])),
        "style": style,
        "data": in_script(data),
        "texts": in_script(texts),
        "wasm": base64.b64encode(wasm).decode(),
        "thread": together(THREAD),
        "policy": content_policy(scripts.values(), style),
        **scripts,
    }
    return HOLE.sub(lambda hole: filled[hole[1]], _text("index.html"))


def write_lab(experiment: Experiment, path: Path, base: str | None = None, start: str | None = None) -> Path:
    """Write the lab of an experiment and return its path; raises InputError as `lab_page` and `lab_data` do.

    base: what an experiment that the page saves builds on; start: code of the language that it opens in.
    """
    write_atomically(path, lab_page(lab_data(experiment, base), start).encode("utf-8"))
    return path


def _text(name: str) -> str:
    return (PAGE / name).read_text(encoding="utf-8").rstrip("\n")


def together(modules: Iterable[str]) -> str:
    """Modules as one script, each in a scope of its own; RuntimeError if one takes what is not before it."""
    made: list[str] = []
    given: dict[str, set[str]] = {}
    for name in (module.removesuffix(".mjs") for module in modules):
        text = _text(f"{name}.mjs")
        for names, other in IMPORT.findall(text):
            missing = set(re.findall(r"\w+", names)) - given.get(other, set())
            if missing:
                raise RuntimeError(f"{name} takes {', '.join(sorted(missing))} from {other}, which does not give it before")
        given[name] = {export for _, export in EXPORT.findall(text)}
        body = EXPORT.sub(r"\1", IMPORT.sub(r"const \1 = from_\2;", text))
        made.append(f"const from_{name} = (() => {{\n{body}\nreturn {{ {', '.join(sorted(given[name]))} }};\n}})();\n")
    return "".join(made)


def in_script(data: Any) -> str:
    """Data as JSON that ends no script, whatever names it holds."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def content_policy(scripts: Iterable[str], style: str) -> str:
    """What the page may do: run the scripts that stand in it, the rules, and threads that it makes; and ask for nothing."""

    def hashed(text: str) -> str:
        return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"

    run = " ".join(map(hashed, scripts))
    return (f"default-src 'none'; script-src {run} 'wasm-unsafe-eval'; style-src {hashed(style)}; worker-src blob:; "
            "base-uri 'none'; form-action 'none'")  # fmt: skip


def words_of(data: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Translations of what the data say in words, by language and text, as far as the catalogues of the report know them."""
    said = {*data["gate_names"], *data["governance_modes"], "MEUR", "Mt", "EUR/t"}
    said |= {str(one[key]) for one in data["instruments"] for key in ("title", "meaning", "unit", "payer")}
    said |= {str(one[key]) for one in data["policies"] for key in ("title", "description")}
    said |= {str(one[key]) for one in data["uncertainty"] for key in ("meaning", "unit")}
    said |= {firm["sector"].replace("_", " ") for firm in data["firms"]}
    said |= {option for firm in data["firms"] for option in firm["options"]}
    found = {}
    for code in LANGUAGES:
        texts = language(code).texts
        told = {text: texts.gettext(text) for text in sorted(said) if text}
        found[code] = {text: word for text, word in told.items() if word != text}
    return found

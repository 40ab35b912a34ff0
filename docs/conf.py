"""The documentation as a site: `make site` lays its sources in `build/site-source`; building it downloads nothing."""

import re
import sys
from pathlib import Path
from typing import Any

import typer
from matplotlib.figure import Figure
from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx
from sphinx_gallery.scrapers import figure_rst
from typer.cli import get_docs_for_click

import clusterpact
from clusterpact.cli.app import app as command_line

SOURCE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SOURCE))

from docs import build  # noqa: E402

project = "clusterpact"
author = "The clusterpact authors"
copyright = author
release = clusterpact.__version__
root_doc = "docs/index"
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx_gallery.gen_gallery"]
exclude_patterns = ["docs/site/gallery/*.ipynb", "docs/site/gallery/*.py.md5", "docs/gallery/*"]
suppress_warnings = ["config.cache"]

myst_heading_anchors = 6
nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_execution_timeout = 600
nb_output_stderr = "remove"

autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "show-inheritance": False}


def figures(block: Any, block_vars: dict[str, Any], gallery_conf: dict[str, Any]) -> str:
    """Keep the figures that a block of a script has given a name; for sphinx-gallery."""
    names, kept = block_vars["example_globals"], gallery_conf.setdefault("kept", [])
    drawn = [thing for thing in names.values() if isinstance(thing, Figure) and not any(thing is other for other in kept)]
    paths = []
    for figure, path in zip(drawn, block_vars["image_path_iterator"], strict=False):
        figure.savefig(path, dpi=110, bbox_inches="tight")
        paths.append(path)
    kept += drawn
    return figure_rst(paths, gallery_conf["src_dir"])


sphinx_gallery_conf = {
    "image_scrapers": (figures,),
    "within_subsection_order": "FileNameSortKey",
    "examples_dirs": str(SOURCE / "docs" / "gallery"),
    "gallery_dirs": str(SOURCE / "docs" / "site" / "gallery"),
    "filename_pattern": r"plot_",
    "abort_on_example_error": True,
    "capture_repr": (),
    "download_all_examples": False,
    "show_signature": False,
    "show_memory": False,
    "min_reported_time": 3600,
    "remove_config_comments": True,
}

html_theme = "pydata_sphinx_theme"
html_title = "clusterpact"
html_theme_options = {
    "navbar_align": "left",
    "header_links_before_dropdown": 6,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_show_sourcelink = False


def commands() -> str:
    """Every command with its options, as the command line itself says them."""
    command = typer.main.get_command(command_line)
    return get_docs_for_click(obj=command, ctx=typer.Context(command), name="clusterpact", title="Commands")


def complete(app: Sphinx, name: str, text: list[str]) -> None:
    """Write the tables of the registers into a page, and the commands into theirs."""
    text[0] = build.renewed(text[0]).replace("<!-- commands -->", commands()) if name.startswith("docs/site/") else text[0]


def literal(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    """Docstrings put code between single backticks, as Markdown does; reStructuredText wants two."""
    lines[:] = [
        re.sub(r"(?<!`)`([^`]+)`(?=(\w?))", lambda code: f"``{code[1]}``" + "\\ " * bool(code[2]), line) for line in lines
    ]


def lead_in(app: Sphinx, error: Exception | None) -> None:
    """The address of the folder leads to the first page."""
    if error is None:
        page = '<!DOCTYPE html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=docs/index.html">'
        (Path(app.outdir) / "index.html").write_text(page, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("source-read", complete)
    app.connect("autodoc-process-docstring", literal)
    app.connect("build-finished", lead_in)
    app.add_lexer("csv", TextLexer)
    return {"parallel_read_safe": True}

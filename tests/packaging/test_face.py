"""The public face: `import clusterpact as cp`, complete, typed alike twice, and light until it is used."""

import re

import pytest

import clusterpact as cp
import clusterpact.face
from tests.commands import ROOT, call, printed

HEAVY = "mesa", "pandas", "matplotlib", "numba"


def test_both_lists_of_the_face_agree():
    assert cp.__all__ == clusterpact.face.__all__
    assert sorted(set(cp.__all__)) == cp.__all__


@pytest.mark.parametrize("name", cp.__all__)
def test_a_name_of_the_face_is_there_and_explained(name):
    assert getattr(cp, name) is getattr(clusterpact.face, name)
    assert getattr(cp, name).__doc__


def test_every_public_name_of_the_face_is_on_its_list():
    rooms = (ROOT / "clusterpact" / "face" / f"{name}.py" for name in ("agents", "experiments", "results"))
    sources = [path.read_text(encoding="utf-8") for path in rooms]
    defined = {name for source in sources for name in re.findall(r"(?m)^(?:def|class) ([a-zA-Z]\w*)", source)}
    assert len(defined) >= 10
    assert defined <= set(cp.__all__)


def test_what_draws_figures_is_started_before_anything_heavy_is_imported():
    code = "import sys; from clusterpact.results.figures.preloading import MODULES, preload; print(*sys.modules)"
    light = set(printed("-c", code).split())
    assert "clusterpact.results.figures.preloading" in light
    assert not {"numpy", "pyarrow", "pydantic", *HEAVY} & light


def test_an_unknown_name_is_no_attribute():
    with pytest.raises(AttributeError, match="no attribute 'simulat'"):
        cp.simulat  # noqa: B018


def test_the_version_is_that_of_the_package():
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", cp.__version__)
    assert {*cp.__all__, "__version__"} == set(dir(cp))


@pytest.mark.parametrize(
    "code",
    ["import clusterpact", "import clusterpact.cli.app as cli, sys; sys.argv = ['clusterpact', '--help']; cli.main()"],
    ids=["import", "help"],
)
def test_neither_the_import_nor_the_help_loads_what_is_heavy(code):
    loaded = f"import atexit, sys\natexit.register(lambda: print('loaded:', [m for m in {HEAVY} if m in sys.modules]))\n"
    assert printed("-c", loaded + code).splitlines()[-1] == "loaded: []"


def test_the_package_as_a_module_says_what_it_can_do():
    assert "Usage: clusterpact" in printed("-m", "clusterpact")


def test_the_command_line_says_its_version(capsys):
    assert call("--version") == 0
    assert capsys.readouterr().out == f"clusterpact {cp.__version__}\n"

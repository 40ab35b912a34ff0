"""The examples in the docstrings of rules hold: each is an equation with numbers that can be checked by hand."""

import doctest
import importlib

import pytest

from tests.commands import ROOT

MODULES = [f"clusterpact.{room}.{path.stem}" for room in ("agents", "sim") for path in sorted((ROOT / room).glob("*.py"))]


def examples(name):
    """The examples of a module, by function; rules run as plain Python."""
    module = importlib.import_module(name)
    plain = {key: getattr(value, "py_func", value) for key, value in vars(module).items()}
    parser = doctest.DocTestParser()
    shown = {key: getattr(function, "__doc__", None) or "" for key, function in plain.items()
             if getattr(function, "__module__", "") == name}  # fmt: skip
    return [
        parser.get_doctest(text, dict(plain), f"{name}.{key}", None, None) for key, text in shown.items() if ">>>" in text
    ]


@pytest.mark.parametrize("name", [name for name in MODULES if examples(name)])
def test_the_examples_of_a_module_hold(name):
    for example in examples(name):
        found = doctest.DocTestRunner(verbose=False).run(example)
        assert found.failed == 0, example.name


def test_a_dozen_core_equations_have_examples():
    assert sum(len(examples(name)) for name in MODULES) >= 12

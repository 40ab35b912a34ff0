"""The house keeps its measure: functions that fit a screen, modules of one idea, signatures that can be remembered."""

import ast
import os

import pytest

from tests.commands import ROOT

FOLDERS = ("agents", "policies", "sim", "experiments", "results", "clusterpact", "tests", "docs", "benchmarks")
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
LINES_OF_A_FUNCTION, LINES_OF_A_MODULE, PARAMETERS = 60, 350, 8
COMMANDS = ROOT / "clusterpact" / "cli"  #: a command has a parameter for each of its options


def functions(path):
    """All functions of a module, methods and nested ones included."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def lines_of(function):
    """Lines from `def` to the last one."""
    return function.end_lineno - function.lineno + 1


def parameters_of(function):
    """Named parameters, those by keyword only included."""
    arguments = function.args
    return len(arguments.posonlyargs) + len(arguments.args) + len(arguments.kwonlyargs)


def too_many(measure, most, files=FILES):
    """Functions of which something is more than it may be, as lines."""
    return [
        f"{os.path.relpath(path, ROOT)}:{function.lineno} {function.name}: {measure(function)}, at most {most}"
        for path in files
        for function in functions(path)
        if measure(function) > most
    ]


def test_no_function_is_longer_than_a_screen():
    found = too_many(lines_of, LINES_OF_A_FUNCTION)
    assert not found, "\n".join(found)


def test_no_module_is_longer_than_one_idea():
    lengths = {path.relative_to(ROOT): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    found = [f"{path}: {lines}, at most {LINES_OF_A_MODULE}" for path, lines in lengths.items() if lines > LINES_OF_A_MODULE]
    assert not found, "\n".join(found)


def test_no_function_has_more_parameters_than_can_be_remembered():
    found = too_many(parameters_of, PARAMETERS, [path for path in FILES if COMMANDS not in path.parents])
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("measure", "size"), [(lines_of, 4), (parameters_of, 4)])
def test_what_is_too_much_is_found(measure, size, tmp_path):
    module = tmp_path / "module.py"
    module.write_text("@cached\ndef f(a, /, b, *rest, c, d, **more):\n    def g():\n        pass\n    return g\n")
    (found,) = too_many(measure, size - 1, [module])
    assert found.endswith(f"module.py:2 f: {size}, at most {size - 1}")
    assert too_many(measure, size, [module]) == []

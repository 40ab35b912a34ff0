"""Which statements of a module run: each is preceded by a note, which costs far less than tracing does."""

import ast
import contextlib
import inspect
import types
from collections.abc import Iterable, Iterator

from tests.mutants.edits import BODIES, functions_of, live_function, parts

Place = tuple[str, int]


@contextlib.contextmanager
def marked(modules: Iterable[types.ModuleType]) -> Iterator[set[Place]]:
    """Within the block, functions of the modules add the file and line of each statement they run to the yielded set."""
    ran: set[Place] = set()
    originals = []
    for module in modules:
        vars(module)["__ran__"] = ran
        for function, code in _with_notes(module):
            originals.append((function, function.__code__))
            function.__code__ = code
    try:
        yield ran
    finally:
        for function, code in originals:
            function.__code__ = code


def _with_notes(module: types.ModuleType) -> Iterator[tuple[types.FunctionType, types.CodeType]]:
    """Every live function of a module, and its code with notes in it."""
    tree = ast.parse(inspect.getsource(module))
    names = []
    for name, _, function in functions_of(tree):
        names.append(name)
        for holder in list(ast.walk(function)):
            for field in BODIES:
                statements = getattr(holder, field, None)
                if isinstance(statements, list):
                    setattr(holder, field, [part for s in statements for part in (_note(module.__file__, s.lineno), s)])
    code = compile(ast.fix_missing_locations(tree), module.__file__, "exec", dont_inherit=True)
    codes = {part.co_qualname: part for part in parts(code)}
    for name in names:
        function = live_function(module, name)
        if isinstance(function, types.FunctionType):
            yield function, codes[function.__code__.co_qualname]


def _note(file: str | None, line: int) -> ast.stmt:
    return ast.parse(f"__ran__.add(({file!r}, {line}))").body[0]

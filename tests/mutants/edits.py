"""The mutants of a module: every small edit of one node of a function's syntax tree, compiled."""

import ast
import inspect
import itertools
import types
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

BOUNDARY = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
OPPOSITE = {
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
ARITHMETIC = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
    ast.Pow: ast.Mult, ast.LShift: ast.RShift, ast.RShift: ast.LShift, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitOr,
}  # fmt: skip
BODIES = ("body", "orelse", "finalbody")
EXTREME = {"min": "max", "max": "min"}
#: What no run of a function depends on, and what is a statement of its own.
TYPES_AND_DECORATORS = {"annotation", "returns", "decorator_list"}
WITHIN = (ast.stmt, ast.excepthandler, ast.match_case, ast.JoinedStr)


@dataclass(frozen=True)
class Mutant:
    """One edit of one function: where it is, what it says, the live function, and the code to put in it."""

    module: str
    function: str
    is_rule: bool
    kind: str
    ordinal: int
    line: int
    before: str
    after: str
    target: types.FunctionType
    code: types.CodeType

    @property
    def id(self) -> str:
        """A name that survives edits elsewhere; the ordinal tells apart edits of one kind in one line."""
        again = f"#{self.ordinal}" if self.ordinal > 1 else ""
        line = self.line - self.target.__code__.co_firstlineno
        return f"{self.module}:{self.function}:{line}:{self.kind}{again}"

    @property
    def change(self) -> str:
        """The edit as text."""
        return f"{self.before} -> {self.after}"


@dataclass(frozen=True)
class Edit:
    """Set a field of a node of the tree; the statement around it is what a reader is shown."""

    kind: str
    statement: ast.stmt
    node: ast.AST
    field: str
    value: object


def functions_of(tree: ast.Module) -> Iterator[tuple[str, ast.stmt, ast.FunctionDef]]:
    """Functions and methods of a module: qualified name, the top-level statement around it, definition."""
    for top in tree.body:
        if isinstance(top, ast.FunctionDef):
            yield top.name, top, top
        elif isinstance(top, ast.ClassDef):
            yield from ((f"{top.name}.{part.name}", top, part) for part in top.body if isinstance(part, ast.FunctionDef))


def is_rule(function: ast.FunctionDef) -> bool:
    """Whether a function is decorated as a rule."""
    return any(isinstance(decorator, ast.Name) and decorator.id == "rule" for decorator in function.decorator_list)


def mutants_of(module: types.ModuleType, label: str) -> Iterator[Mutant]:
    """All mutants of a module's functions in the order of the text; edits that compile to the same code count once."""
    tree = ast.parse(inspect.getsource(module))
    for name, top, function in functions_of(tree):
        live = live_function(module, name)
        if not isinstance(live, types.FunctionType):
            continue
        seen = {_essence(_compiled(top, live.__code__))}
        counts: Counter[tuple[int, str]] = Counter()
        for edit in edits_of(function):
            before, after, code = _apply(edit, top, live.__code__)
            if _essence(code) in seen:
                continue
            seen.add(_essence(code))
            line = edit.statement.lineno
            counts[line, edit.kind] += 1
            ordinal = counts[line, edit.kind]
            yield Mutant(label, name, is_rule(function), edit.kind, ordinal, line, before, after, live, code)


def live_function(module: types.ModuleType, name: str) -> object:
    """The plain function behind a qualified name, below any decorator that keeps it."""
    found: object = module
    for part in name.split("."):
        found = inspect.getattr_static(found, part)
    for wrapper in ("fget", "func", "__func__"):
        found = getattr(found, wrapper, None) or found
    return inspect.unwrap(found)


def _apply(edit: Edit, top: ast.stmt, original: types.CodeType) -> tuple[str, str, types.CodeType]:
    """Make an edit, read and compile the result, and take the edit back."""
    before = _header(edit.statement)
    kept = getattr(edit.node, edit.field)
    setattr(edit.node, edit.field, edit.value)
    try:
        after = "pass" if edit.kind == "removal" else _header(edit.statement)
        return before, after, _compiled(top, original)
    finally:
        setattr(edit.node, edit.field, kept)


def _compiled(top: ast.stmt, original: types.CodeType) -> types.CodeType:
    """The code object of a function in the compiled statement around it."""
    tree = ast.fix_missing_locations(ast.Module([top], []))
    with warnings.catch_warnings(action="ignore"):
        code = compile(tree, original.co_filename, "exec", dont_inherit=True)
    return next(part for part in parts(code) if part.co_qualname == original.co_qualname)


def parts(code: types.CodeType) -> Iterator[types.CodeType]:
    """A code object and all that are defined in it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from parts(constant)


def _essence(code: types.CodeType) -> tuple[object, ...]:
    """What a code object does, apart from where its lines are."""
    constants = [_essence(c) if isinstance(c, types.CodeType) else repr(c) for c in code.co_consts]
    return code.co_code, tuple(constants), code.co_names, code.co_varnames, code.co_exceptiontable


def _header(statement: ast.stmt) -> str:
    """The first line of a statement as text: all of a simple one, the head of a compound one."""
    return ast.unparse(statement).split("\n")[0].removesuffix(":")


def edits_of(function: ast.FunctionDef) -> list[Edit]:
    """All edits of a function, in the order of its text; docstrings, annotations and messages of errors are left alone."""
    found = []
    for statement in (node for node in ast.walk(function) if isinstance(node, ast.stmt) and node is not function):
        if isinstance(statement, ast.Raise) or _is_text(statement):
            continue
        for node in itertools.chain([statement], _expressions(statement)):
            found += [Edit(kind, statement, node, field, value) for kind, field, value in _changes(node)]
    found += _removals(function)
    return sorted(found, key=lambda edit: (edit.statement.lineno, edit.statement.col_offset))


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _expressions(node: ast.AST) -> Iterator[ast.AST]:
    """The expressions of a statement without those of statements within it, nor text that is put together."""
    for field, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if field not in TYPES_AND_DECORATORS and isinstance(child, ast.AST) and not isinstance(child, WITHIN):
                yield child
                yield from _expressions(child)


def _changes(node: ast.AST) -> Iterator[tuple[str, str, object]]:
    """Every other value that a field of a node could have had by mistake: kind, field, value."""
    match node:
        case ast.Compare():
            for kind, table in (("boundary", BOUNDARY), ("opposite", OPPOSITE)):
                for k, operator in enumerate(node.ops):
                    if type(operator) in table:
                        yield kind, "ops", _replaced(node.ops, k, table[type(operator)]())
        case ast.BinOp():
            yield from _turned(node, "arithmetic")
        case ast.AugAssign():
            yield from _turned(node, "augmented")
        case ast.BoolOp():
            yield "logic", "op", ast.Or() if isinstance(node.op, ast.And) else ast.And()
        case ast.UnaryOp(op=ast.Not()):
            yield "logic", "operand", _negated(node.operand)
        case ast.UnaryOp(op=ast.USub()):
            yield "sign", "op", ast.UAdd()
        case ast.Constant(value=bool() | int() | float()):
            yield "constant", "value", _moved(node.value)
        case ast.If() | ast.While() | ast.IfExp() if not isinstance(node.test, ast.Compare):
            yield "condition", "test", _negated(node.test)
        case ast.Return(value=ast.BoolOp()):
            yield "condition", "value", _negated(node.value)
        case ast.Call(func=ast.Name(id="range"), args=args, keywords=[]):
            yield "range", "args", [_stepped(args[0], ast.Add()), *args[1:]] if args[1:] else [ast.Constant(1), *args]
            last = min(1, len(args) - 1)
            yield "range", "args", _replaced(args, last, _stepped(args[last], ast.Sub()))
        case ast.Call(func=ast.Name(id="min" | "max" as name)):
            yield "extreme", "func", ast.Name(EXTREME[name], ast.Load())
        case ast.Slice():
            if node.lower:
                yield "range", "lower", _stepped(node.lower, ast.Add())
            if node.upper:
                yield "range", "upper", _stepped(node.upper, ast.Sub())


def _turned(node: ast.BinOp | ast.AugAssign, kind: str) -> Iterator[tuple[str, str, object]]:
    if type(node.op) in ARITHMETIC:
        yield kind, "op", ARITHMETIC[type(node.op)]()


def _negated(node: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.Not(), node)


def _stepped(node: ast.expr, operator: ast.operator) -> ast.expr:
    return ast.BinOp(node, operator, ast.Constant(1))


def _replaced(values: list, k: int, value: object) -> list:
    return [*values[:k], value, *values[k + 1 :]]


def _moved(value: bool | int | float) -> bool | int | float:
    """Another constant: a bool turned, one more than an integer, twice a float."""
    if isinstance(value, bool):
        return not value
    return value + 1 if isinstance(value, int) else 2.0 * value or 1.0


def _removals(function: ast.FunctionDef) -> Iterator[Edit]:
    """Assignments and calls left out; not the first assignment of a name, which no run could miss."""
    for holder in ast.walk(function):
        for field in BODIES:
            statements = getattr(holder, field, None)
            for k, statement in enumerate(statements if isinstance(statements, list) else []):
                if _is_removable(statement, function):
                    yield Edit("removal", statement, holder, field, _replaced(statements, k, ast.Pass()))


def _is_removable(statement: ast.stmt, function: ast.FunctionDef) -> bool:
    if isinstance(statement, ast.AugAssign) or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)):
        return True
    if not isinstance(statement, ast.Assign):
        return False
    names = [node for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    arguments = {node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)}
    earlier = arguments | {name.id for name in names if name.lineno < statement.lineno}
    here = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return here <= earlier

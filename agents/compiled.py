"""The one decorator that turns a rule into compiled code, and a cache that an edit can never make stale.

A rule is machine code that is shipped with the rules (`clusterpact.native`), where it is of these very rules and for this
kind of processor; else Numba compiles it when it is first called. Numba's cache on disk looks only at the file of the
function it compiles, so an edit in a rule that another file calls would go unseen. The cache folder is therefore named after
a hash of every source file that rules can come from (contract 7 of the architecture). With ``NUMBA_DISABLE_JIT=1`` the same
rules run as plain Python.
"""

import functools
import hashlib
import importlib
import os
import platform
import sys
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from clusterpact.cache import open_cache
from clusterpact.native import Native, load, rules_of

#: The folder that holds the rooms: the checkout, or the installed package.
ROOT = Path(__file__).resolve().parent.parent
RULE_FOLDERS = ("agents", "policies", "sim")
#: Whether rules are plain functions of Python: as Numba reads it.
IS_PLAIN = bool(int(os.environ.get("NUMBA_DISABLE_JIT") or 0))
#: Modules that tell Numba of the types that rules take, imported before it compiles any.
TYPES: list[str] = []


def rules_hash() -> str:
    """Hash of all rule sources and of the data tables that compiled code depends on."""
    digest = hashlib.sha256()
    for folder in RULE_FOLDERS:
        for path in sorted((ROOT / folder).glob("*")):
            if path.suffix in {".py", ".csv"}:
                digest.update(path.name.encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


#: What the runs of an experiment hang on besides its inputs: the same on every machine and under every version.
SOURCE_HASH = rules_hash()


def compiled_hash() -> str:
    """Hash of the rules and of all versions that their compiled code depends on."""
    versions = (sys.version, *(version(name) for name in ("numba", "llvmlite", "numpy")), platform.machine())
    return hashlib.sha256("\n".join((*versions, SOURCE_HASH)).encode()).hexdigest()


CACHE_FOLDER = open_cache(compiled_hash()[:16])


@cache
def native() -> Native | None:
    """The rules in machine code; None where Numba compiles them: other rules than those shipped, or another processor."""
    return None if IS_PLAIN else load(ROOT / "sim", SOURCE_HASH, CACHE_FOLDER)


def is_shipped() -> bool:
    """Whether machine code of these rules is shipped."""
    return not IS_PLAIN and rules_of(ROOT / "sim") == SOURCE_HASH


class Rule:
    """A rule to call from Python, or from another rule that Numba compiles; it never holds Python's lock."""

    def __init__(self, function: Any, options: dict[str, Any] | None = None) -> None:
        functools.update_wrapper(self, function)
        self.py_func = function  #: the rule as plain Python
        self.options = options or {}  #: of Numba's compiler, beside those of all rules

    def __call__(self, *arguments: Any) -> Any:
        return self.code(*arguments)

    @cached_property
    def code(self) -> Any:
        """What a call of it calls."""
        shipped = native()
        found = shipped and shipped.rules.get(f"{self.__module__}.{self.py_func.__qualname__}")
        return found or self.compiled

    @cached_property
    def compiled(self) -> Any:
        """The rule as Numba compiles it."""
        return _numba().compiled(self.py_func, CACHE_FOLDER, self.options)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.compiled, name)

    def __reduce__(self) -> str:
        return self.py_func.__qualname__


def _numba() -> Any:
    """What compiles rules, once it knows of all that they take and call; it takes most of a second to import."""
    from clusterpact import numba_cache

    numba_cache.take_for_compiled(Rule)
    for name in TYPES:  # of which there are more once the modules that hold a state are imported
        importlib.import_module(name)
    return numba_cache


def rule(function: Any) -> Any:
    """A rule compiled to run without holding Python's lock, so that threads can each run a range of runs."""
    return function if IS_PLAIN else Rule(function)


def part(function: Any) -> Any:
    """A rule that becomes a part of all rules that call it: for what is short, or called often for less than it gives."""
    return function if IS_PLAIN else Rule(function, {"forceinline": True})

"""The one decorator that turns a rule into compiled code, and a cache that an edit can never make stale.

Numba's cache on disk looks only at the file of the function it compiles, so an edit in a rule that another file calls
would go unseen. The cache folder is therefore named after a hash of every source file that rules can come from
(contract 7 of the architecture). With ``NUMBA_DISABLE_JIT=1`` the same rules run as plain Python.
"""

import hashlib
import platform
import sys
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy

from clusterpact.cache import keep, open_cache

#: The folder that holds the rooms: the checkout, or the installed package.
ROOT = Path(__file__).resolve().parent.parent
RULE_FOLDERS = ("agents", "policies", "sim")


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
    versions = (sys.version, numba.__version__, llvmlite.__version__, numpy.__version__, platform.machine())
    return hashlib.sha256("\n".join((*versions, SOURCE_HASH)).encode()).hexdigest()


CACHE_FOLDER = open_cache(compiled_hash()[:16])

#: Without Numba's runtime nothing can be allocated: a rule that tries does not compile, and no reference is counted.
OPTIONS: dict[str, Any] = {"nogil": True, "no_cfunc_wrapper": True, "error_model": "numpy", "_nrt": False}


def rule(function: Any) -> Any:
    """A rule compiled to run without holding Python's lock, so that threads can each run a range of runs."""
    return keep(numba.njit(**OPTIONS)(function))


def part(function: Any) -> Any:
    """A rule that becomes a part of all rules that call it: for what is short, or called often with less than it gives."""
    return keep(numba.njit(**OPTIONS, forceinline=True)(function))

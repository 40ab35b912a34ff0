"""A module in a process of its own, asked for one thing after another: what it imports and keeps disturbs no other.

`python -m benchmarks.processes MODULE` reads requests, a line of JSON each: `call` names a function of the module,
`keywords` its arguments (a text that ends in .npy stands for the array in that file). It answers with a line of `seconds`,
the wall time of the call, and `answer`. Only the standard library and NumPy are imported here.
"""

import gc
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
#: One core for all, and no luck in dictionaries.
ALONE = {
    "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1",
    "POLARS_MAX_THREADS": "1", "PYTHONHASHSEED": "0", "PYTHONPATH": str(ROOT),
}  # fmt: skip


class PeerError(Exception):
    """A framework that cannot be asked, or that answers otherwise than the definition."""


class Process(AbstractContextManager["Process"]):
    """A module that waits for requests; python: the interpreter, with an environment of its own if it is another one.

    Raises PeerError, with the last line that the process said, if it cannot be started or dies.
    """

    def __init__(self, module: str, python: str = sys.executable, **environment: str) -> None:
        self.module = module
        with ExitStack() as stack:
            self._said = stack.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8"))  # an unread pipe would fill
            self._process = self._started(python, environment)
            self._open = stack.pop_all()

    def _started(self, python: str, environment: dict[str, str]) -> subprocess.Popen[str]:
        """The process."""
        command = [python, "-m", "benchmarks.processes", self.module]
        try:
            return subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said, text=True, cwd=ROOT,
                env=os.environ | ALONE | environment,
            )  # fmt: skip
        except OSError as error:
            raise PeerError(f"{self.module}: {python} cannot be started ({error.strerror}); expected a Python") from error

    def ask(self, call: str, **keywords: Any) -> dict[str, Any]:
        """Call a function of the module; `seconds` and `answer`."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(json.dumps({"call": call, "keywords": keywords}) + "\n")
            process.stdin.flush()
        except BrokenPipeError:
            line = ""
        else:
            line = process.stdout.readline()
        if not line:
            process.wait()
            self._said.seek(0)
            said = self._said.read().strip().splitlines()
            raise PeerError(f"{self.module}: {said[-1] if said else 'ended without a word'}")
        found: dict[str, Any] = json.loads(line)
        return found

    def seconds(self, call: str, **keywords: Any) -> float:
        """Wall time of a call."""
        return float(self.ask(call, **keywords)["seconds"])

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.communicate()
        self._open.close()


def version_of(names: list[str]) -> list[str]:
    """Versions of installed packages, as `name version`."""
    from importlib.metadata import version

    return [f"{name} {version(name)}" for name in names]


def answer(module: Any, call: str, keywords: dict[str, Any]) -> dict[str, Any]:
    """Call a function and tell how long it took; garbage of earlier calls is collected before."""
    keywords = {name: np.load(value) if str(value).endswith(".npy") else value for name, value in keywords.items()}
    function = version_of if call == "version_of" else getattr(module, call)
    gc.collect()
    started = time.perf_counter()
    found = function(**keywords)
    return {"seconds": time.perf_counter() - started, "answer": found.tolist() if isinstance(found, np.ndarray) else found}


def main() -> None:
    """Answer requests until there are no more."""
    module = importlib.import_module(sys.argv[1])
    said, sys.stdout = sys.stdout, sys.stderr  # what a framework prints is no answer
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(answer(module, request["call"], request["keywords"])), file=said, flush=True)


if __name__ == "__main__":
    main()

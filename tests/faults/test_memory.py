"""A system that gives no memory: success, or one line, and no library's words for it."""

import resource
import sys

import pytest
from pyarrow import ArrowMemoryError

from clusterpact import memory
from clusterpact.cli import app
from clusterpact.experiments.running import compilation
from clusterpact.inputs import InputError
from tests.kills.systems import GIGABYTE, one_line
from tests.kills.works import do


@pytest.mark.parametrize("gigabytes", [0.2, 0.4, 0.41, 0.6, 0.7, 1.0, 3.0])
def test_a_limited_address_space_is_enough_or_one_line(gigabytes, tmp_path) -> None:
    words = [sys.executable, "-m", "clusterpact", "run", "dunkirk", "--runs", "2", "--no-figures", "-q", "--out", "out"]
    limit = int(gigabytes * GIGABYTE)
    ended = do(words, tmp_path, lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
    assert not one_line(ended)
    assert ended.code == 0 or "clusterpact: out of memory: give the command more" in ended.error


def test_a_file_that_memory_is_too_small_for_is_not_called_damaged() -> None:
    def read() -> None:
        try:
            raise ArrowMemoryError("malloc of size 64 failed")
        except ArrowMemoryError:
            raise InputError("gates.parquet", "table", None, "is damaged") from None

    with pytest.raises(InputError) as caught:
        read()
    assert app._told(caught.value).startswith("out of memory")
    assert app._told(InputError("gates.parquet", "table", None, "is damaged")) == "gates.parquet: table: is damaged"


@pytest.mark.parametrize("words", ["can't start new thread", "numpy.so: failed to map segment from shared object"])
def test_libraries_word_it_in_many_ways(words) -> None:
    assert app._told(RuntimeError(words)).startswith("out of memory")


def test_any_other_error_is_not_hidden() -> None:
    with pytest.raises(RuntimeError, match="something else"):
        app._told(RuntimeError("something else"))


def test_rules_are_not_compiled_where_the_compiler_would_end_the_process(monkeypatch) -> None:
    memory.ask_for.cache_clear()
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (GIGABYTE // 16, GIGABYTE))
    with pytest.raises(MemoryError):
        memory.ask_for(compilation.COMPILED_BYTES)
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    memory.ask_for(compilation.COMPILED_BYTES)

"""What only Numba needs, imported when it first compiles a rule: its options, and its cache, which tells what is damaged."""

import hashlib
import inspect
import os
import pickle
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any

import numba
from numba.core.caching import CompileResultCacheImpl, FunctionCache, IndexDataCacheFile, UserProvidedCacheLocator
from numba.extending import typeof_impl

from clusterpact.cache import say, set_aside

#: Without Numba's runtime nothing can be allocated: a rule that tries does not compile, and no reference is counted.
OPTIONS: dict[str, Any] = {"nogil": True, "no_cfunc_wrapper": True, "error_model": "numpy", "_nrt": False}


def compiled(function: FunctionType, folder: Path, options: dict[str, Any]) -> Any:
    """A function that Numba compiles to run without Python's lock, and keeps in a private folder."""
    vars(numba.config)["CACHE_DIR"] = str(folder)
    return keep(numba.njit(**OPTIONS, **options)(function))


@cache
def take_for_compiled(kind: type) -> None:
    """Let compiled code call what is of this type as what its attribute `compiled` holds."""

    @typeof_impl.register(kind)
    def _typeof(value: Any, context: Any) -> Any:
        return numba.typeof(value.compiled)


def keep(dispatcher: Any) -> Any:
    """Let a function that Numba compiles be kept in the cache; a plain function is as it was."""
    if hasattr(dispatcher, "py_func"):
        dispatcher._cache = RuleCache(dispatcher.py_func)
    return dispatcher


class _SummedFile(IndexDataCacheFile):
    """The files of a function: a damaged one is noticed by its checksum before its machine code runs."""

    def _save_data(self, name: str, data: Any) -> None:
        content = self._dump(data)
        super()._save_data(name, (hashlib.sha256(content).digest(), content))

    def _load_data(self, name: str) -> Any:
        try:
            digest, content = super()._load_data(name)
        except FileNotFoundError:  # Numba compiles what its index names and nobody keeps
            raise
        except OSError as error:
            raise ValueError("cannot be read") from error
        if hashlib.sha256(content).digest() != digest:
            raise ValueError("wrong checksum")
        return pickle.loads(content)


class _Here(CompileResultCacheImpl):
    """Keeps functions in the cache folder or nowhere: what lies beside the sources is not named after their hash."""

    def __init__(self, function: FunctionType) -> None:
        self._locator_classes = [UserProvidedCacheLocator]
        super().__init__(function)


class RuleCache(FunctionCache):
    """Numba's cache of one function; what is damaged in it is removed and said once, and the function compiled anew."""

    _impl_class = _Here

    def __init__(self, function: FunctionType) -> None:
        part = UserProvidedCacheLocator.get_suitable_cache_subpath(inspect.getfile(function))
        place = Path(vars(numba.config)["CACHE_DIR"]) / part
        if os.path.lexists(place) and not place.is_dir():
            set_aside(place)
        super().__init__(function)
        impl = self._impl
        self._cache_file = _SummedFile(self._cache_path, impl.filename_base, impl.locator.get_source_stamp())

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """What was compiled for a signature; None if nothing sound is kept."""
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # whatever unpickling bytes of any kind may raise
            self._clear()
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep what was compiled for a signature; what cannot be kept is said once, and compiled again next time."""
        try:
            super().save_overload(sig, data)
        except OSError as error:
            say(f"{Path(self._cache_path).parent} cannot keep compiled rules ({error.strerror})")

    def _clear(self) -> None:
        """Remove all files of this function."""
        for path in Path(self._cache_path).glob("*"):
            if path.name.startswith(f"{self._impl.filename_base}."):
                set_aside(path)

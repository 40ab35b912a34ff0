"""What a user's class puts in place of an agent's decisions and fields: taken as it is meant, or one clear line."""

import difflib
import inspect
from collections.abc import Iterable, Mapping
from numbers import Real
from types import FunctionType
from typing import Any

import numpy as np

from clusterpact.inputs import InputError, nearest

NEAR_METHOD, NEAR_ATTRIBUTE = 0.7, 0.8  #: likeness of two names (0 to 1) from which one is taken for the other, misspelt
FEWEST_LETTERS = 4  #: of a name that is taken for the beginning of another
METHODS = (FunctionType, staticmethod, classmethod, property)


def check_class(made: type, usual: type, decisions: Mapping[str, str]) -> None:
    """Raise InputError for what a subclass of an agent defines in vain; decisions: the agent that each is of, by name."""
    own = [name for name, agent in decisions.items() if agent == usual.__name__]
    for name, value in vars(made).items():
        if name in own:
            _check_decision(made, usual, name, value)
        elif not name.startswith("_") and isinstance(value, METHODS) and not hasattr(usual, name):
            if meant := _meant(name, own):
                expected = f"is no decision of {usual.__name__}; did you mean {meant!r}? (begin a helper's name with _)"
                raise InputError(made.__name__, name, None, expected)
            if name in decisions:
                raise InputError(made.__name__, name, None, f"is a decision of {decisions[name]}, not of {usual.__name__}")


def _meant(name: str, known: Iterable[str]) -> str:
    """The decision that a name is near to, or begins as; empty if there is none."""
    known, lower = list(known), name.lower()
    begun = [one for one in known if len(lower) >= FEWEST_LETTERS and one.startswith(lower)]
    return next(iter(begun or difflib.get_close_matches(lower, known, n=1, cutoff=NEAR_METHOD)), "")


def _check_decision(made: type, usual: type, name: str, value: Any) -> None:
    """Raise InputError unless a decision is a method that takes what it is asked about."""
    if not isinstance(value, FunctionType):
        raise InputError(made.__name__, name, value, "expected a method")
    asked = list(inspect.signature(getattr(usual, name)).parameters)
    try:
        inspect.signature(value).bind(*asked)
    except TypeError:
        raise InputError(made.__name__, name, None, f"expected the parameters ({', '.join(asked)})") from None


def check_attribute(agent: Any, usual: type, name: str, value: Any) -> None:
    """Raise InputError for an attribute that nothing reads: any of a usual agent, one near to another of a subclass."""
    if name.startswith("_") or name in vars(agent) or hasattr(type(agent), name):
        return
    known = known_attributes(agent)
    if type(agent) is usual or difflib.get_close_matches(name, known, n=1, cutoff=NEAR_ATTRIBUTE):
        raise InputError(type(agent).__name__, name, value, "no such attribute" + nearest(name, known))


def known_attributes(agent: Any) -> list[str]:
    """Fields of an agent's record, and what its class offers."""
    return [*agent.record.dtype.names, *(name for name in dir(type(agent)) if not name.startswith("_"))]


def put(agent: Any, name: str, value: Any) -> None:
    """Set a field of an agent's record; raises InputError for what the field cannot hold."""
    field = agent.record.dtype[name]
    whole = field.base.kind == "i"
    expected = "a whole number" if whole else "a number"
    if field.shape:
        expected = f"{field.shape[0]} {expected.removeprefix('a ')}s"
    try:
        given = np.asarray(value, float)
        fits = given.shape in ((), field.shape) and not np.isnan(given).any() and not (whole and (given % 1).any())
    except (TypeError, ValueError):
        fits = False
    if not fits or value is None:
        raise InputError(type(agent).__name__, name, str(value), f"expected {expected}")
    agent.record[name] = value


def yes_or_no(agent: Any, decision: str, answer: Any) -> bool:
    """The answer of an agent that decides for or against; raises InputError for any other."""
    if not isinstance(answer, bool | np.bool_):
        raise InputError(type(agent).__name__, decision, None, f"returned {answer!r}; expected True or False")
    return bool(answer)


def amount(agent: Any, decision: str, answer: Any) -> float:
    """The money that an agent offers, MEUR; raises InputError for what is none."""
    if not isinstance(answer, Real) or isinstance(answer, bool) or not float(answer) >= 0.0:
        raise InputError(type(agent).__name__, decision, None, f"returned {answer!r}; expected MEUR, 0 or more")
    return float(answer)


def one_of(agent: Any, decision: str, answer: Any, known: Iterable[str]) -> str:
    """The name that an agent chose; raises InputError if it is not one of those that it has."""
    names = list(known)
    if not isinstance(answer, str) or answer not in names:
        expected = f"returned {answer!r}; expected one of {', '.join(names)}"
        raise InputError(f"{agent.name}: {type(agent).__name__}", decision, None, expected)
    return answer


def check_kinds(classes: Mapping[str, Any], usual: Mapping[str, type]) -> None:
    """Raise InputError unless every class stands for a kind of agent (by its name in small letters) and is one of it."""
    for name, made in classes.items():
        if name not in usual:
            raise InputError("", name, None, "no such kind of agent" + nearest(name, usual))
        if not isinstance(made, type) or not issubclass(made, usual[name]):
            raise InputError("", name, getattr(made, "__name__", made), f"expected a subclass of {usual[name].__name__}")

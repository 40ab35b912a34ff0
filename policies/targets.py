"""Whom an instrument is for: plants of a sector or an owner, single plants, single networks; everyone unless it says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clusterpact.inputs import InputError, nearest

KEYS = ("plant", "sector", "owner", "network")
#: The keys that may name whom an instrument is for, by what it acts on.
KEYS_OF = {"plants": KEYS[:3], "networks": KEYS[3:], "plants and networks": KEYS, "": ()}


@dataclass(frozen=True)
class Target:
    """Whom an instrument is for: every agent that is named by any key; (key, names) pairs."""

    named: tuple[tuple[str, tuple[str, ...]], ...]

    def covers(self, agent: Mapping[str, frozenset[str]]) -> bool:
        """Whether an agent is meant, by the names that it goes by under each key."""
        return any(not agent.get(key, frozenset()).isdisjoint(names) for key, names in self.named)

    @property
    def written(self) -> dict[str, list[str]]:
        """As an experiment file has it."""
        return {key: list(names) for key, names in self.named}

    def __str__(self) -> str:
        return "; ".join(f"{key} {', '.join(names)}" for key, names in self.named)


def parse_target(written: Any, acts_on: str, file: object, key: str) -> Target:
    """Check whom an instrument is for, such as `{ sector = ["steel"], network = "h2" }`; names are checked with the cluster.

    acts_on: what the instrument acts on, a key of `KEYS_OF`.
    """
    keys = KEYS_OF[acts_on]
    if not keys:
        raise InputError(file, key, None, "this instrument acts on the place as a whole; expected no `for`")
    if not isinstance(written, dict) or not written:
        raise InputError(file, key, written, f"expected {{ {keys[0]} = [names] }}, with keys of {', '.join(keys)}")
    named = []
    for kind, names in written.items():
        if kind not in keys:
            raise InputError(
                file, f"{key}.{kind}", None, f"unknown key, of an instrument for {acts_on}" + nearest(kind, keys)
            )
        listed = [names] if isinstance(names, str) else names
        if not isinstance(listed, list | tuple) or not listed or not all(isinstance(n, str) and n.strip() for n in listed):
            raise InputError(file, f"{key}.{kind}", names, 'expected a name or names, such as ["a", "b"]')
        named.append((kind, tuple(dict.fromkeys(listed))))
    return Target(tuple(named))

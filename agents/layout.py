"""How records lie in memory: fields, kinds of records, and the same words under flat names or as arrays.

A record is a NumPy structured dtype whose fields all take 64 bits, so that a run starts by copying plain words.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from clusterpact.agents.vocabulary import N_OBSERVERS


@dataclass(frozen=True)
class Field:
    """One field of a record; `initial` is what it holds before anything happened (-1 where it names a row or quarter)."""

    name: str
    unit: str
    meaning: str
    kind: str = "f8"
    shape: tuple[int, ...] = ()
    initial: float = 0.0


def whole(name: str, meaning: str, unit: str = "-", shape: tuple[int, ...] = ()) -> Field:
    """A field of whole numbers."""
    return Field(name, unit, meaning, "i8", shape)


def place(name: str, meaning: str, unit: str = "-", shape: tuple[int, ...] = ()) -> Field:
    """A field that names a row or a quarter, -1 as long as there is none."""
    return Field(name, unit, f"{meaning}, -1 if none", "i8", shape, initial=-1)


#: What others saw of the promises of an agent (R1), per class of observer.
EVIDENCE = (
    Field("kept", "-", "kept evidence about it, per class of observer", shape=(N_OBSERVERS,)),
    Field("broken", "-", "broken evidence about it, per class of observer", shape=(N_OBSERVERS,)),
    Field("kept_now", "-", "kept evidence of this quarter", shape=(N_OBSERVERS,)),
    Field("broken_now", "-", "broken evidence of this quarter", shape=(N_OBSERVERS,)),
)


@dataclass(frozen=True)
class Kind:
    """A kind of record. From this the state, what a run starts anew, the Mesa faces and the test worlds follow.

    array: its name in a state; per_run: whether every run starts from the template's; agent: whether it has a face in Mesa.
    """

    array: str
    fields: tuple[Field, ...]
    per_run: bool = True
    agent: bool = False

    @property
    def dtype(self) -> np.dtype:
        """The structured dtype of a record."""
        return np.dtype([(f.name, f.kind, f.shape) for f in self.fields], align=True)

    def empty(self, count: int) -> np.recarray:
        """Records in which nothing has happened, shape (count,)."""
        table = np.zeros(count, self.dtype).view(np.recarray)
        for field in self.fields:
            if field.initial:
                table[field.name] = field.initial
        return table


def flat(names: Iterable[str]) -> np.dtype:
    """A dtype of numbers under names of their own, as tables and people want them."""
    return np.dtype([(name, "f8") for name in names], align=True)


def folded(names: Iterable[str], arrays: Mapping[str, tuple[str, ...]]) -> np.dtype:
    """The same words as `flat(names)`, with runs of fields as one array, as rules want them.

    arrays: per array, the names that it takes in, which must follow one another in that order; raises ValueError if not.
    """
    names = list(names)
    fields: list[tuple[str, str] | tuple[str, str, tuple[int, ...]]] = []
    at = 0
    starts = {members[0]: array for array, members in arrays.items()}
    while at < len(names):
        array = starts.pop(names[at], None)
        if array is None:
            fields.append((names[at], "f8"))
            at += 1
            continue
        members = arrays[array]
        if tuple(names[at : at + len(members)]) != members:
            raise ValueError(f"{array}: expected {', '.join(members)} one after the other, in this order")
        fields.append((array, "f8", (len(members),)))
        at += len(members)
    if starts:
        raise ValueError(f"{', '.join(starts.values())}: expected a field {', '.join(starts)}")
    return np.dtype(fields, align=True)

"""The state of many runs, interleaved: the words that runs change lie side by side, those that none changes lie there once.

Lanes of a warp walk the same rule at the same time, each for a run of its own. Where word k of lane 7 follows word k of
lane 6, one transaction brings the word of all of them. Rules need not know: they are compiled for another Numba type of the
state, whose arrays and records have offsets and strides of `WIDTH` words where a plain one has one.

A group of `WIDTH` lanes has one piece of memory; array after array, word after word, a row of `WIDTH` lanes each.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.datamodel import models
from numba.core.datamodel.registry import register_default
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr, intrinsic, lower_getattr_generic, register_model
from numba.np import numpy_support

from clusterpact.sim.state import ARRAYS, PER_RUN, RUN_WORDS, WORDS, State
from clusterpact.sim.state_type import Cells, Rows, row_type

WIDTH = 32  #: lanes of a group: those of a warp
WORD = 8  #: bytes
#: Arrays that no rule writes to: all lanes read those of the template.
SHARED = ("prices", "volatility", "options", "peer_ties", "instruments")
#: The arrays that every lane has for itself, in the order of its memory; first those that a run starts anew.
OWN = tuple(name for name in ARRAYS if name not in SHARED)
#: The words of a lane's other arrays, one after the other: what runs leave there to the next.
OTHER_WORDS = "other_words"
#: By what a lane's memory is called, its place in a layout: pairs of where it starts (bytes) and how much there is.
PLACES = {name: 2 * place for place, name in enumerate((*ARRAYS, RUN_WORDS, OTHER_WORDS))}


def words_in(state: State, names: tuple[str, ...]) -> np.ndarray:
    """The words of some arrays of a state, one after the other."""
    return np.concatenate([np.zeros(0, np.uint64), *(getattr(state, name + WORDS) for name in names)])


def words_of_lane(state: State) -> int:
    """How many words of memory a lane takes."""
    return sum(getattr(state, name + WORDS).size for name in OWN)


def table_at(state: State, address: int) -> np.ndarray:
    """The table that compiled rules take for a state whose words, `words_in(state, tuple(ARRAYS))`, lie at an address."""
    table = []
    for name in ARRAYS:
        table += [address, getattr(state, name).size]
        address += getattr(state, name + WORDS).size * WORD
    start = table[0]
    return np.array([*table, start, words_in(state, PER_RUN).size], np.int64)


def layout_at(state: State, address: int, width: int = WIDTH) -> np.ndarray:
    """Where the arrays of a lane lie (`PLACES`): its own within its memory, the others in the template at an address."""
    shared, start, found = table_at(state, address), 0, dict.fromkeys(PLACES, (0, 0))
    for place, name in enumerate(ARRAYS):
        count = getattr(state, name).size
        if name in SHARED:
            found[name] = (int(shared[2 * place]), count)
            continue
        if name == OWN[len(PER_RUN)]:
            found[OTHER_WORDS] = (start, words_of_lane(state) - start // (WORD * width))
        found[name] = (start, count)
        start += getattr(state, name + WORDS).size * WORD * width
    found[RUN_WORDS] = (0, words_in(state, PER_RUN).size)
    return np.array([number for name in PLACES for number in found[name]], np.int64)


class _Spread(Cells):
    """An array within a record whose words lie `width` words apart."""

    def __init__(self, dtype: Any, shape: tuple[int, ...], width: int) -> None:
        self.width = width
        super().__init__(dtype, shape)
        self.layout = "A"
        self.name = f"spread({dtype}, {shape}, {width})"

    @property
    def strides(self) -> tuple[int, ...]:
        """Bytes from one item to the next, by dimension."""
        return tuple(stride * self.width for stride in super().strides)

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells one such type from another."""
        return (*super().key, self.width)


register_default(_Spread)(models.NestedArrayModel)


def _spread_record(dtype: np.dtype, width: int) -> types.Record:
    """The Numba type of a record whose words lie `width` words apart. Raises TypeError unless every field takes a word."""
    fields: Any = []
    for name, (kind, offset, *_) in (dtype.fields or {}).items():
        if kind.base.itemsize != WORD:
            raise TypeError(f"{name}: expected a field of {WORD} bytes")
        item = numpy_support.from_dtype(kind.base)
        spread = _Spread(item, kind.shape, width) if kind.shape else item
        fields.append((name, {"type": spread, "offset": offset * width, "alignment": None, "title": None}))
    return types.Record(fields, dtype.itemsize * width, True)


class LanesType(types.Type):
    """Numba's type of the state of one lane: where its group's layout lies, and where its own words start."""

    def __init__(self, width: int) -> None:
        self.width = width
        super().__init__(name=f"clusterpact.Lanes({width})")
        arrays = {}
        for name, dtype in ARRAYS.items():
            apart = 1 if name in SHARED else width
            item: Any = _spread_record(dtype, apart) if apart > 1 and dtype.names else row_type(dtype)
            layout: Any = "C" if apart == 1 or dtype.names else "A"
            arrays[name] = (Rows(item, layout), dtype.itemsize * apart)
            arrays[name + WORDS] = (Rows(types.uint64, "C" if apart == 1 else "A"), WORD * apart)
        for name in (RUN_WORDS, OTHER_WORDS):
            arrays[name] = (Rows(types.uint64, "C" if width == 1 else "A"), WORD * width)
        self.arrays = arrays

    @property
    def key(self) -> int:
        """What tells one such type from another."""
        return self.width


@register_model(LanesType)
class _LanesModel(models.StructModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, [("layout", types.voidptr), ("words", types.voidptr)])


def _type_of(template: Any, value: LanesType, attribute: str) -> Any:
    """The type of an array of a lane; None for another attribute, by Numba's own protocol."""
    return value.arrays[attribute][0] if attribute in value.arrays else None


infer_getattr(type("_LanesAttribute", (AttributeTemplate,), {"key": LanesType, "generic_resolve": _type_of}))


@lower_getattr_generic(LanesType)
def _get_array(context: Any, builder: Any, kind: LanesType, value: Any, attribute: str) -> Any:
    """Build the array from its place in the layout; it owns nothing, so it needs no reference counting."""
    word = ir.IntType(64)
    lane = cgutils.create_struct_proxy(kind)(context, builder, value)
    layout = builder.bitcast(lane.layout, word.as_pointer())
    name = attribute if attribute in PLACES else attribute.removesuffix(WORDS)
    start, count = (builder.load(builder.gep(layout, [ir.Constant(word, PLACES[name] + k)])) for k in range(2))
    if name not in SHARED:
        start = builder.add(start, builder.ptrtoint(lane.words, word))
    array_type, stride = kind.arrays[attribute]
    if name != attribute:  # words of records
        count = builder.mul(count, ir.Constant(word, ARRAYS[name].itemsize // WORD))
    array = context.make_array(array_type)(context, builder)
    context.populate_array(
        array,
        data=builder.inttoptr(start, array.data.type),
        shape=cgutils.pack_array(builder, [count]),
        strides=cgutils.pack_array(builder, [ir.Constant(word, stride)]),
        itemsize=ir.Constant(word, context.get_abi_sizeof(context.get_data_type(array_type.dtype))),
        meminfo=None,
    )
    return array._getvalue()


def lanes_at(width: int) -> Any:
    """A function of two addresses, of a layout and of the first word of a lane: the state of that lane."""
    kind = LanesType(width)

    def _at(typing: Any, layout: Any, words: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            lane = cgutils.create_struct_proxy(kind)(context, builder)
            lane.layout = builder.inttoptr(values[0], lane.layout.type)
            lane.words = builder.inttoptr(values[1], lane.words.type)
            return lane._getvalue()

        return kind(types.int64, types.int64), code

    return intrinsic(_at)

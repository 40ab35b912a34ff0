"""Everything that one run reads and writes, behind one pointer.

To plain Python a `State` is an object with record arrays as attributes. To compiled rules it is a table of addresses: one
word to hand on, however many arrays there are. (A tuple of these arrays costs over a hundred words at every call, which made
the kernel ten times slower and its compilation three times longer.)
"""

import operator
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.datamodel.models import NestedArrayModel
from numba.core.typing.templates import AttributeTemplate
from numba.extending import (
    NativeValue,
    infer_getattr,
    lower_builtin,
    lower_getattr_generic,
    models,
    register_model,
    typeof_impl,
    unbox,
)
from numba.np import numpy_support
from numba.np.arrayobj import load_item, make_array, store_item

from clusterpact.agents.parameters import PARAMETER_RECORD
from clusterpact.agents.records import RECORDS
from clusterpact.policies.catalogue import POLICY_DTYPE
from clusterpact.sim.measures import ACCOUNT_RECORD

#: Arrays of a state that are no records of agents. Yearly tables (prices, policy, market) hold the years of the first
#: cluster, then those of the next. loans: what every borrower owes every lender, MEUR, firms first, then networks; clients:
#: the same by groups of connected clients, owners first, then networks. queue holds rows of firms, credibility a lender's
#: trust in every cluster's governments, rates and offers what lenders ask for a loan (1/year) and take of it (MEUR),
#: ranking their rows, the cheapest first.
OTHERS: dict[str, tuple[np.dtype, bool]] = {
    "policy": (POLICY_DTYPE, True),
    "account": (ACCOUNT_RECORD, True),
    "loans": (np.dtype(np.float64), True),
    "clients": (np.dtype(np.float64), True),
    "parameters": (PARAMETER_RECORD, False),
    "queue": (np.dtype(np.int64), False),
    "credibility": (np.dtype(np.float64), False),
    "rates": (np.dtype(np.float64), False),
    "offers": (np.dtype(np.float64), False),
    "ranking": (np.dtype(np.int64), False),
}
_ALL = {kind.array: (kind.dtype, kind.per_run) for kind in RECORDS.values()} | OTHERS
#: The arrays of a state with their dtypes; first those that every run starts anew from its template.
PER_RUN = tuple(name for name, (_, per_run) in _ALL.items() if per_run)
ARRAYS: dict[str, np.dtype] = {name: _ALL[name][0] for name in (*PER_RUN, *(n for n in _ALL if n not in PER_RUN))}

#: `firms_words` is the same memory as `firms`, as plain 64-bit words: compiled code copies those far faster than records.
WORDS = "_words"
#: The words of all that a run starts anew, one after the other: starting a run is one copy.
RUN_WORDS = "run_words"


class State:
    """The records of one run, as attributes named in `ARRAYS`, each of shape (count,), in one piece of memory."""

    def __init__(self, **arrays: np.ndarray):
        if set(arrays) != set(ARRAYS):
            missing = ", ".join(sorted(set(ARRAYS) ^ set(arrays)))
            raise TypeError(f"expected the arrays {', '.join(ARRAYS)} (differs in: {missing})")
        for name, dtype in ARRAYS.items():
            if arrays[name].dtype != dtype or arrays[name].ndim != 1:
                raise TypeError(f"{name}: expected a row of {name} records")
        sizes = [arrays[name].size * dtype.itemsize // 8 for name, dtype in ARRAYS.items()]
        memory = np.empty(sum(sizes), np.uint64)
        self.run_words = memory[: sum(sizes[: len(PER_RUN)])]
        table = []
        start = 0
        for (name, dtype), size in zip(ARRAYS.items(), sizes, strict=True):
            place = memory[start : start + size].view(dtype)
            place[:] = arrays[name]
            setattr(self, name, place.view(np.recarray) if dtype.names else place)
            table += [place.ctypes.data, place.size]
            start += size
        self._table = np.array([*table, self.run_words.ctypes.data, self.run_words.size], np.int64)
        self.address = self._table.ctypes.data

    def __getattr__(self, name: str) -> Any:
        if name.endswith(WORDS) and name.removesuffix(WORDS) in ARRAYS:
            return getattr(self, name.removesuffix(WORDS)).view(np.ndarray).view(np.uint64)
        raise AttributeError(name)

    def copy(self) -> "State":
        """A state with memory of its own."""
        return State(**{name: getattr(self, name) for name in ARRAYS})


class StateType(types.Opaque):
    """Numba's type of a `State`: a pointer to its table of (address, count) pairs."""


class Rows(types.Array):
    """Numba's type of an array of a state: as any other, but that no rule counts its rows from the end.

    Numba would look at the sign of every index, and at the length of the array for it: four instructions of six.
    """

    def __init__(self, item: types.Type):
        super().__init__(item, 1, "C", name=f"Rows({item})")


class Cells(types.NestedArray):
    """Numba's type of a field of several numbers, such as a price per carrier; counted as `Rows` are."""

    def __init__(self, item: types.Type, shape: tuple[int, ...]):
        super().__init__(item, shape)
        self.name = f"Cells({item}, {shape})"


def _record_type(dtype: np.dtype) -> types.Type:
    """Numba's type of what a state holds rows of: a number, or a record whose fields of several numbers are `Cells`."""
    if dtype.names is None:
        return numpy_support.from_dtype(dtype)
    fields = []
    for name in dtype.names:
        kind, offset = (dtype.fields or {})[name][:2]
        item = numpy_support.from_dtype(kind.base)
        field = Cells(item, kind.shape) if kind.shape else item
        fields.append((name, {"type": field, "offset": offset, "alignment": None, "title": None}))
    return types.Record(fields, dtype.itemsize, dtype.isalignedstruct)


STATE_TYPE = StateType("clusterpact.State")
_ROW_TYPES = {dtype: _record_type(dtype) for dtype in ARRAYS.values()}
_ARRAY_TYPES = {name: Rows(_ROW_TYPES[dtype]) for name, dtype in ARRAYS.items()}
_ARRAY_TYPES |= {name: Rows(types.uint64) for name in (*(array + WORDS for array in ARRAYS), RUN_WORDS)}
_PLACES = {name: 2 * place for place, name in enumerate((*ARRAYS, RUN_WORDS))}

register_model(StateType)(models.OpaqueModel)
register_model(Rows)(models.ArrayModel)
register_model(Cells)(NestedArrayModel)


def _item_pointer(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    array = make_array(signature.args[0])(context, builder, values[0])
    index = context.cast(builder, values[1], signature.args[1], types.intp)
    return cgutils.get_item_pointer(context, builder, signature.args[0], array, [index])


@lower_builtin(operator.getitem, Rows, types.Integer)
@lower_builtin(operator.getitem, Cells, types.Integer)
def _get_item(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    return load_item(context, builder, signature.args[0], _item_pointer(context, builder, signature, values))


@lower_builtin(operator.setitem, Rows, types.Integer, types.Any)
@lower_builtin(operator.setitem, Cells, types.Integer, types.Any)
def _set_item(context: Any, builder: Any, signature: Any, values: Any) -> None:
    array = signature.args[0]
    value = context.cast(builder, values[2], signature.args[2], array.dtype)
    store_item(context, builder, array, value, _item_pointer(context, builder, signature, values))


@typeof_impl.register(np.record)
def _typeof_record(value: np.record, context: Any) -> types.Type:
    """A record that Python hands to a rule has the type of the records that rules hand on."""
    return _ROW_TYPES.get(value.dtype) or numpy_support.from_dtype(value.dtype)


@typeof_impl.register(State)
def _typeof_state(value: State, context: Any) -> StateType:
    return STATE_TYPE


@unbox(StateType)
def _unbox_state(kind: StateType, value: Any, context: Any) -> NativeValue:
    address = context.pyapi.object_getattr_string(value, "address")
    word = context.pyapi.long_as_longlong(address)
    context.pyapi.decref(address)
    return NativeValue(context.builder.inttoptr(word, context.context.get_value_type(kind)))


@infer_getattr
class _StateAttribute(AttributeTemplate):
    key = StateType

    def generic_resolve(self, value: Any, attribute: str) -> Any:  # type: ignore[override]  # Numba's own protocol
        return _ARRAY_TYPES.get(attribute)


@lower_getattr_generic(StateType)
def _get_array(context: Any, builder: Any, kind: StateType, value: Any, attribute: str) -> Any:
    """Build the array from its address and count; it owns nothing, so it needs no reference counting."""
    word = ir.IntType(64)
    table = builder.bitcast(value, word.as_pointer())
    name = attribute if attribute in _PLACES else attribute.removesuffix(WORDS)
    place = _PLACES[name]
    data, count = (builder.load(builder.gep(table, [ir.Constant(word, place + k)])) for k in range(2))
    array_type = _ARRAY_TYPES[attribute]
    array = context.make_array(array_type)(context, builder)
    item_size = ir.Constant(word, ARRAYS[name].itemsize if attribute in ARRAYS else 8)
    if name != attribute:  # words of records
        count = builder.mul(count, ir.Constant(word, ARRAYS[name].itemsize // 8))
    context.populate_array(
        array,
        data=builder.inttoptr(data, array.data.type),
        shape=cgutils.pack_array(builder, [count]),
        strides=cgutils.pack_array(builder, [item_size]),
        itemsize=item_size,
        meminfo=None,
    )
    return array._getvalue()

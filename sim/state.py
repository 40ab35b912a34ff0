"""Everything that one run reads and writes, behind one pointer.

To plain Python a `State` is an object with record arrays as attributes. To compiled rules it is a table of addresses: one
word to hand on, however many arrays there are. (A tuple of these arrays costs over a hundred words at every call, which made
the kernel ten times slower and its compilation three times longer.)
"""

from typing import Any

import numpy as np
from clusterpact.agents.parameters import PARAMETER_DTYPE
from clusterpact.agents.records import DTYPES
from clusterpact.policies.instruments import POLICY_DTYPE
from clusterpact.sim.measures import ACCOUNT_DTYPE
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.typing.templates import AttributeTemplate
from numba.extending import (
    NativeValue,
    infer_getattr,
    lower_getattr_generic,
    models,
    register_model,
    typeof_impl,
    unbox,
)
from numba.np import numpy_support

#: The arrays of a state: inputs, then agents, then a queue of firms, and a lender's trust and loans (MEUR) per cluster.
#: Yearly tables (prices, policy, market) hold the years of the first cluster, then those of the next.
ARRAYS: dict[str, np.dtype] = {
    "parameters": PARAMETER_DTYPE,
    "prices": DTYPES["price_table"],
    "volatility": DTYPES["volatility"],
    "policy": POLICY_DTYPE,
    "options": DTYPES["option"],
    "assessments": DTYPES["assessment"],
    "market": DTYPES["market"],
    "world": DTYPES["world"],
    "spots": DTYPES["spot"],
    "account": ACCOUNT_DTYPE,
    "firms": DTYPES["firm"],
    "technologies": DTYPES["technology"],
    "networks": DTYPES["network"],
    "financiers": DTYPES["financier"],
    "governments": DTYPES["government"],
    "pacts": DTYPES["pact"],
    "links": DTYPES["link"],
    "peer_ties": DTYPES["peer_tie"],
    "queue": np.dtype(np.int64),
    "credibility": np.dtype(np.float64),
    "loans": np.dtype(np.float64),
}


#: `firms_words` is the same memory as `firms`, as plain 64-bit words: compiled code copies those far faster than records.
WORDS = "_words"


class State:
    """The records of one run, as attributes named in `ARRAYS`, each of shape (count,)."""

    def __init__(self, **arrays: np.ndarray):
        if set(arrays) != set(ARRAYS):
            raise TypeError(f"expected the arrays {', '.join(ARRAYS)}")
        table = []
        for name, dtype in ARRAYS.items():
            array = arrays[name]
            if array.dtype != dtype or array.ndim != 1 or not array.flags.c_contiguous:
                raise TypeError(f"{name}: expected a contiguous row of {name} records")
            setattr(self, name, array)
            table += [array.ctypes.data, array.size]
        self._table = np.array(table, np.int64)
        self.address = self._table.ctypes.data

    def __getattr__(self, name: str) -> Any:
        if name.endswith(WORDS) and name.removesuffix(WORDS) in ARRAYS:
            return getattr(self, name.removesuffix(WORDS)).view(np.uint64)
        raise AttributeError(name)

    def copy(self) -> "State":
        """A state with memory of its own."""
        return State(**{name: getattr(self, name).copy() for name in ARRAYS})


class StateType(types.Opaque):
    """Numba's type of a `State`: a pointer to its table of (address, count) pairs."""


STATE_TYPE = StateType("clusterpact.State")
_ARRAY_TYPES = {name: types.Array(numpy_support.from_dtype(dtype), 1, "C") for name, dtype in ARRAYS.items()}
_ARRAY_TYPES |= {name + WORDS: types.Array(types.uint64, 1, "C") for name in ARRAYS}
_PLACES = {name: 2 * place for place, name in enumerate(ARRAYS)}

register_model(StateType)(models.OpaqueModel)


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
    name = attribute.removesuffix(WORDS)
    place = _PLACES[name]
    data, count = (builder.load(builder.gep(table, [ir.Constant(word, place + k)])) for k in range(2))
    array_type = _ARRAY_TYPES[attribute]
    array = context.make_array(array_type)(context, builder)
    item_size = ir.Constant(word, ARRAYS[name].itemsize if name == attribute else 8)
    if name != attribute:
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

"""What Numba is told of a `State`: a table of addresses, from which compiled rules read its arrays."""

from typing import Any

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

from clusterpact.sim.state import ARRAYS, RUN_WORDS, WORDS, State


class StateType(types.Opaque):
    """Numba's type of a `State`: a pointer to its table of (address, count) pairs."""


STATE_TYPE = StateType("clusterpact.State")
_ARRAY_TYPES = {name: types.Array(numpy_support.from_dtype(dtype), 1, "C") for name, dtype in ARRAYS.items()}
_ARRAY_TYPES |= {name: types.Array(types.uint64, 1, "C") for name in (*(array + WORDS for array in ARRAYS), RUN_WORDS)}
_PLACES = {name: 2 * place for place, name in enumerate((*ARRAYS, RUN_WORDS))}

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

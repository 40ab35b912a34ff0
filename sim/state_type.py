"""What Numba is told of a `State`: a table of addresses, from which compiled rules read its arrays."""

import operator
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.datamodel.models import NestedArrayModel, RecordModel
from numba.core.typing.templates import AttributeTemplate
from numba.extending import (
    NativeValue,
    infer_getattr,
    lower_builtin,
    lower_getattr_generic,
    lower_setattr_generic,
    models,
    register_model,
    typeof_impl,
    unbox,
)
from numba.np import numpy_support
from numba.np.arrayobj import make_array, record_getattr

from clusterpact.sim.state import ARRAYS, RUN_WORDS, WORDS, State


class StateType(types.Opaque):
    """Numba's type of a `State`: a pointer to its table of (address, count) pairs."""


class Rows(types.Array):
    """Numba's type of an array of a state: as any other, but that no rule counts its rows from the end.

    Numba would look at the sign of every index, and at the length of the array for it: four instructions of six.
    """

    def __init__(self, item: types.Type, layout: Any = "C") -> None:
        super().__init__(item, 1, layout, name=f"Rows({item}, {layout})")


class Cells(types.NestedArray):
    """Numba's type of a field of several numbers, such as a price per carrier; counted as `Rows` are."""

    def __init__(self, item: types.Type, shape: tuple[int, ...]) -> None:
        super().__init__(item, shape)
        self.name = f"Cells({item}, {shape})"


class Row(types.Record):
    """Numba's type of a record, of whose fields LLVM knows that those of different names are never the same memory.

    It need not read a field again, then, because another was written.
    """


def row_type(dtype: np.dtype) -> types.Type:
    """Numba's type of what an array of a state holds: a number, or a record whose fields of several numbers are `Cells`."""
    if dtype.names is None:
        return numpy_support.from_dtype(dtype)
    fields: Any = []
    for name, (kind, offset, *_) in (dtype.fields or {}).items():
        item = numpy_support.from_dtype(kind.base)
        field = Cells(item, kind.shape) if kind.shape else item
        fields.append((name, {"type": field, "offset": offset, "alignment": None, "title": None}))
    return Row(fields, dtype.itemsize, dtype.isalignedstruct)


STATE_TYPE = StateType("clusterpact.State")
WORD = types.uint64  #: of which the words of a record are, and nothing else that stands in a row
#: Numba's types of what the arrays of a state hold.
ROW_TYPES = {dtype: row_type(dtype) for dtype in ARRAYS.values()}
_ARRAY_TYPES = {name: Rows(ROW_TYPES[dtype]) for name, dtype in ARRAYS.items()}
_ARRAY_TYPES |= {name: Rows(WORD) for name in (*(array + WORDS for array in ARRAYS), RUN_WORDS)}
_PLACES = {name: 2 * place for place, name in enumerate((*ARRAYS, RUN_WORDS))}

register_model(StateType)(models.OpaqueModel)
register_model(Rows)(models.ArrayModel)
register_model(Cells)(NestedArrayModel)
register_model(Row)(RecordModel)


def _tagged(builder: Any, access: Any, name: str) -> Any:
    """A load or store, of which LLVM knows that it and those of other names never meet (type-based alias analysis).

    Those without a name, of the words that records are copied by, meet all.
    """
    zero = ir.Constant(ir.IntType(64), 0)
    kind = builder.module.add_metadata([name, builder.module.add_metadata(["clusterpact"]), zero])
    access.set_metadata("tbaa", builder.module.add_metadata([kind, kind, zero]))
    return access


@lower_getattr_generic(Row)
def _get_field(context: Any, builder: Any, kind: Row, value: Any, field: str) -> Any:
    if isinstance(kind.typeof(field), types.NestedArray):
        return record_getattr(context, builder, kind, value, field)
    place = cgutils.get_record_member(builder, value, kind.offset(field), context.get_data_type(kind.typeof(field)))
    return _tagged(builder, builder.load(place), field)


@lower_setattr_generic(Row)
def _set_field(context: Any, builder: Any, signature: Any, values: Any, field: str) -> None:
    kind, given = signature.args
    item = kind.typeof(field)
    place = cgutils.get_record_member(builder, values[0], kind.offset(field), context.get_data_type(item))
    _tagged(builder, builder.store(context.cast(builder, values[1], given, item), place), field)


def _item_pointer(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    array = make_array(signature.args[0])(context, builder, values[0])
    index = context.cast(builder, values[1], signature.args[1], types.intp)
    return cgutils.get_item_pointer(context, builder, signature.args[0], array, [index])


@lower_builtin(operator.getitem, Rows, types.Integer)
@lower_builtin(operator.getitem, Cells, types.Integer)
def _get_item(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    place = _item_pointer(context, builder, signature, values)
    array = signature.args[0]
    if isinstance(array.dtype, types.Record):
        return place
    return builder.load(place) if array.dtype == WORD else _tagged(builder, builder.load(place), array.name)


@lower_builtin(operator.setitem, Rows, types.Integer, types.Any)
@lower_builtin(operator.setitem, Cells, types.Integer, types.Any)
def _set_item(context: Any, builder: Any, signature: Any, values: Any) -> None:
    array = signature.args[0]
    value = context.cast(builder, values[2], signature.args[2], array.dtype)
    stored = builder.store(value, _item_pointer(context, builder, signature, values))
    if array.dtype != WORD:
        _tagged(builder, stored, array.name)


@typeof_impl.register(np.record)
def _typeof_record(value: np.record, context: Any) -> types.Type:
    """A record that Python hands to a rule has the type of the records that rules hand on."""
    return ROW_TYPES.get(value.dtype) or numpy_support.from_dtype(value.dtype)


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
    for number in (data, count):
        number.set_metadata("invariant.load", builder.module.add_metadata([]))
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

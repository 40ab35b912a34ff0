"""The kernel behind addresses: what a host without Python calls (a browser, through `clusterpact.lab.webassembly`)."""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from clusterpact.agents.chance import cut_normal, uniform
from clusterpact.sim.kernel import Written, run_range
from clusterpact.sim.state import STATE_TYPE

#: What `run` takes, as a row of 64-bit integers: addresses, then counts.
ARGUMENTS = (
    "state", "template", "number", "parameters", "series", "gates", "decisions", "networks", "plants", "starts",
    "words", "years", "account_words", "firms", "decided", "network_rows", "plant_rows", "triggers",
)  # fmt: skip


def _state_at(typing, address):

    def code(context, builder, signature, values):
        return builder.inttoptr(values[0], context.get_value_type(STATE_TYPE))

    return STATE_TYPE(types.int64), code


state_at: Any = intrinsic(_state_at)  #: a function of an address: the state whose table lies there


def rows_of(item, dimensions):
    """A function of an address and a shape: the array that lies there, in rows of C, which owns nothing."""
    kind = types.Array(item, dimensions, "C")

    @intrinsic
    def rows_at(typing, address, shape):
        def code(context, builder, signature, values):
            array = context.make_array(kind)(context, builder)
            size = ir.Constant(ir.IntType(64), context.get_abi_sizeof(context.get_data_type(item)))
            sizes = cgutils.unpack_tuple(builder, values[1], dimensions)
            strides = [size]
            for length in reversed(sizes[1:]):
                strides.insert(0, builder.mul(strides[0], length))
            context.populate_array(
                array,
                data=builder.inttoptr(values[0], array.data.type),
                shape=cgutils.pack_array(builder, sizes),
                strides=cgutils.pack_array(builder, strides),
                itemsize=size,
                meminfo=None,
            )
            return array._getvalue()

        return kind(types.int64, types.UniTuple(types.int64, dimensions)), code

    return rows_at


_integers, _numbers = rows_of(types.int64, 1), rows_of(types.uint64, 1)
_words, _accounts = rows_of(types.uint64, 2), rows_of(types.uint64, 3)
_gates, _decisions = rows_of(types.uint8, 3), rows_of(types.int16, 3)
_networks, _plants, _starts = rows_of(types.float64, 3), rows_of(types.float64, 4), rows_of(types.int16, 2)
_COUNT = len(ARGUMENTS)


def run(address):
    """One run of the kernel; what it reads and writes stands in a row of `ARGUMENTS` at an address."""
    a = _integers(address, (_COUNT,))
    years, firms = a[11], a[13]
    out = Written(
        _accounts(a[4], (1, years, a[12])),
        _gates(a[5], (1, firms, 4 * years)),
        _decisions(a[6], (1, a[14], 3)),
        _networks(a[7], (1, a[15], 4)),
        _plants(a[8], (1, a[16], years, 4)),
        _starts(a[9], (1, a[17])),
    )
    run_range(state_at(a[0]), state_at(a[1]), _words(a[3], (1, a[10])), _numbers(a[2], (1,)), out)
    return 0


def draw(seed, run, stream, agent, quarter):
    """`clusterpact.agents.chance.uniform`, which draws."""
    return uniform(seed, run, stream, agent, quarter)


def cut(u, mean, sd, low, high):
    """`clusterpact.agents.chance.cut_normal`, by which normal numbers are drawn."""
    return cut_normal(u, mean, sd, low, high)


#: By what a host calls it: a function, and the Numba signature that it is compiled for.
ENTRIES = {
    "run": (run, types.int64(types.int64)),
    "uniform": (draw, types.float64(*[types.uint64] * 5)),
    "cut_normal": (cut, types.float64(*[types.float64] * 5)),
}

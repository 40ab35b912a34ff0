"""The kernel behind addresses: what a host without Numba calls (a browser, through `clusterpact.lab.webassembly`, or Python
itself, through `clusterpact.native`)."""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from clusterpact.agents.auctions import award_contracts, bids, enter_bid, is_auction, may_bid
from clusterpact.agents.board import choose, draw_up_papers, has_board, keeps_candidate, prefer
from clusterpact.agents.chance import cut_normal, uniform
from clusterpact.agents.elementary import exp, log, power
from clusterpact.agents.governments import adopts, is_review, may_adopt, note_adoption, put_in_force, reverse, reverses
from clusterpact.agents.ladder import go_ahead, invests, is_refused, make_pledge, sign, signs, wants_to_pledge
from clusterpact.agents.lenders import ask_next, close_loan, offers, open_loan, rank_applicants, take_offer
from clusterpact.agents.networks import decide, decides, extend, extends
from clusterpact.agents.offtake import is_season, leaves, may_sign, sign_offtake, signs_offtake
from clusterpact.agents.output import must_stop
from clusterpact.agents.owners import backs
from clusterpact.agents.pact import cast_vote, votes_for_rules
from clusterpact.sim.bins import count_bins
from clusterpact.sim.books import levels_of_firms, levels_of_others
from clusterpact.sim.kernel import Written, run_range, start_run
from clusterpact.sim.runs import fill_draws
from clusterpact.sim.schedule import SCHEDULE, quarter
from clusterpact.sim.state import ARRAYS
from clusterpact.sim.state_type import ROW_TYPES, STATE_TYPE

#: What `run` takes, as a row of 64-bit integers: addresses, then counts.
ARGUMENTS = (
    "state", "template", "numbers", "parameters", "series", "gates", "decisions", "networks", "plants", "starts",
    "words", "years", "account_words", "firms", "decided", "network_rows", "plant_rows", "triggers", "runs",
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


_integers, _numbers, _floats = (rows_of(item, 1) for item in (types.int64, types.uint64, types.float64))
_words, _accounts = rows_of(types.uint64, 2), rows_of(types.uint64, 3)
_gates, _decisions = rows_of(types.uint8, 3), rows_of(types.int16, 3)
_networks, _plants, _starts = rows_of(types.float64, 3), rows_of(types.float64, 4), rows_of(types.int16, 2)
_COUNT = len(ARGUMENTS)


def run(address):
    """Runs of the kernel; what they read and write stands in a row of `ARGUMENTS` at an address."""
    a = _integers(address, (_COUNT,))
    years, firms, runs = a[11], a[13], a[18]
    out = Written(
        _accounts(a[4], (runs, years, a[12])),
        _gates(a[5], (runs, firms, 4 * years)),
        _decisions(a[6], (runs, a[14], 3)),
        _networks(a[7], (runs, a[15], 4)),
        _plants(a[8], (runs, a[16], years, 4)),
        _starts(a[9], (runs, a[17])),
    )
    run_range(state_at(a[0]), state_at(a[1]), _words(a[3], (runs, a[10])), _numbers(a[2], (runs,)), out)
    return 0


def start(state, template, number, words, count):
    """`clusterpact.sim.kernel.start_run`, with the words of the parameters at an address."""
    start_run(state, template, number, _numbers(words, (count,)))


def draws(seed, first_run, stream, agent, address, count):
    """`clusterpact.sim.runs.fill_draws`, into a row at an address."""
    fill_draws(seed, first_run, stream, agent, _floats(address, (count,)))


def count(values, size, ends, blocks, is_share, work, words):
    """`clusterpact.sim.bins.count_bins`, of rows at addresses."""
    return count_bins(_floats(values, (size,)), _integers(ends, (blocks,)), is_share, _integers(work, (words,)))


_FLOAT = types.float64
#: Rules of a state and of integers (rows, then often the quarter), by what they give and how many integers they take.
OF_A_STATE = {
    (types.void, 0): (levels_of_firms,),
    (types.void, 1): (*(step.apply for step in SCHEDULE), quarter, enter_bid, levels_of_others, put_in_force),
    (types.void, 2): (award_contracts, cast_vote, decide, extend, go_ahead, make_pledge, note_adoption, reverse, sign),
    (types.void, 3): (close_loan, prefer, sign_offtake),
    (types.boolean, 2): (
        bids, decides, draw_up_papers, extends, has_board, invests, is_auction, may_adopt, may_bid, may_sign, reverses,
        signs, votes_for_rules, wants_to_pledge,
    ),
    (types.boolean, 3): (adopts, backs, signs_offtake),
    (types.int64, 0): (rank_applicants,),
    (types.int64, 2): (ask_next, choose),
    (_FLOAT, 2): (offers,),
}  # fmt: skip
_FIRM, _BUYER = (ROW_TYPES[ARRAYS[name]] for name in ("firms", "buyers"))

#: What a page calls: by name, a function and the Numba signature that it is compiled for.
ENTRIES = {
    "run": (run, types.int64(types.int64)),
    "uniform": (uniform, _FLOAT(*[types.uint64] * 5)),
    "cut_normal": (cut_normal, _FLOAT(*[_FLOAT] * 5)),
}
#: What Python calls, in place of rules; those that are no rules themselves stand for the rules of `STANDS_FOR`.
NATIVE = ENTRIES | {
    "start": (start, types.void(STATE_TYPE, STATE_TYPE, types.uint64, types.int64, types.int64)),
    "draws": (draws, types.void(types.uint64, types.int64, types.int64, types.uint64, types.int64, types.int64)),
    "count": (count, types.int64(*[types.int64] * 4, types.boolean, *[types.int64] * 2)),
    "exp": (exp, _FLOAT(_FLOAT)),
    "log": (log, _FLOAT(_FLOAT)),
    "power": (power, _FLOAT(_FLOAT, _FLOAT)),
    "is_review": (is_review, types.boolean(types.int64)),
    "is_refused": (is_refused, types.boolean(_FIRM)),
    "is_buyers_season": (is_season, types.boolean(_BUYER, types.int64)),
    "keeps_candidate": (keeps_candidate, types.boolean(STATE_TYPE, _FIRM)),
    "leaves": (leaves, types.boolean(STATE_TYPE, _FIRM, types.int64)),
    "must_stop": (must_stop, types.boolean(_FIRM, types.int64)),
    "open_loan": (open_loan, types.int64(STATE_TYPE, types.int64, types.boolean, types.int64)),
    "take_offer": (take_offer, types.void(STATE_TYPE, types.int64, types.int64, _FLOAT)),
} | {
    one.__name__: (one, given(STATE_TYPE, *[types.int64] * count))
    for (given, count), rules in OF_A_STATE.items() for one in rules
}  # fmt: skip
#: By entry: the rule that it is called for, and the letters of `clusterpact.native.TAKEN` for what that rule takes.
STANDS_FOR = {"start": (start_run, "ssQw"), "draws": (fill_draws, "QqqQw"), "count": (count_bins, "ww?w")}

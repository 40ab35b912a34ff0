"""A world as plain data: what a page needs to run it, in the layout of `clusterpact.sim.state`."""

import base64
import zlib
from typing import Any

import numpy as np

from clusterpact.sim.measures import ACCOUNT_DTYPE
from clusterpact.sim.runs import words_of
from clusterpact.sim.state import ARRAYS, PER_RUN
from clusterpact.sim.world import World, parameter_records


def packed(array: np.ndarray) -> str:
    """The bytes of an array, little-endian as the page reads them, deflated, in base 64."""
    return base64.b64encode(zlib.compress(np.ascontiguousarray(array).tobytes(), 9)).decode()


def world_data(world: World) -> dict[str, Any]:
    """The template of a world and the sizes of what its runs write.

    arrays: name, count of records, bytes of one, in the order in which they lie in memory; run_words: words that every run
    starts anew, the first ones; template: the memory; parameters: the words of the usual ones.
    """
    template = world.template
    arrays = [[name, getattr(template, name).size, dtype.itemsize] for name, dtype in ARRAYS.items()]
    memory = b"".join(getattr(template, name).tobytes() for name in ARRAYS)
    return {
        "first_year": world.first_year,
        "years": world.years,
        "arrays": arrays,
        "run_words": sum(count * size for name, count, size in arrays if name in PER_RUN) // 8,
        "template": packed(np.frombuffer(memory, np.uint8)),
        "parameters": packed(words_of(parameter_records({}, 1))),
        "measures": list(ACCOUNT_DTYPE.names or ()),
        "firms": len(world.firm_ids),
        "networks": len(world.network_ids),
        "decided": len(world.firm_ids) + len(template.pipeline),
        "triggers": len(world.waiting),
    }

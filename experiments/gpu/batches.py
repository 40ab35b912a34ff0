"""Batches of runs on a card: what goes there, how much at once, and what comes back.

A batch is sent, run and fetched by a queue of its own, of which there are two: while one batch is run, the one before is
fetched and made into tables. Runs write what they did one after the other, as the processor's do, and all of it is fetched
(21 kB a run of Dunkirk): at a hundred thousand runs a second that is a thirtieth of what such a card's link carries.
"""

import ctypes
from dataclasses import dataclass

import numpy as np

from clusterpact.experiments.gpu.card import KEY, Card
from clusterpact.experiments.gpu.entry import ARGUMENTS
from clusterpact.experiments.gpu.lanes import OWN, WIDTH, WORD, layout_at, table_at, words_in, words_of_lane
from clusterpact.inputs import InputError
from clusterpact.sim.measures import ACCOUNT_DTYPE
from clusterpact.sim.runs import RunArrays, words_of
from clusterpact.sim.state import ARRAYS, PER_RUN
from clusterpact.sim.world import World

BLOCK = 128  #: lanes of a block; a multiprocessor holds one of each queue (benchmarks/gpu.py tries others)
QUEUES = 2
BATCH_BYTES = 1 << 31  #: that a batch may read and write, beyond what its shards and lanes need
SPARE = 0.9  #: share of a card's free memory that is taken at most
OUTPUTS = ("series", "gates", "decisions", "networks", "plants", "starts", "failed")  #: of `RunArrays`


@dataclass(frozen=True)
class Extent:
    """How much a card is given at once: lanes of a queue, runs of a batch at most, lanes of a block."""

    lanes: int
    runs: int
    block: int = BLOCK

    def __post_init__(self) -> None:
        if self.block % WIDTH or self.lanes % self.block or self.lanes <= 0:
            raise ValueError(f"expected blocks of a multiple of {WIDTH} lanes, and a multiple of them: {self}")


class Place:
    """Memory of one queue: its lanes, what a batch reads, and what it writes, on the card and here."""

    def __init__(self, card: Card, sizes: tuple[int, int, int]) -> None:
        self.card, self.sizes = card, sizes
        self.queue = card.queue()
        self.taken: list[int] = []
        try:
            for size in sizes:
                self.taken.append(card.take(size))
            self.here = card.take_here(sizes[2])
        except InputError:
            self._give()
            raise
        self.lanes, self.inputs, self.outputs = self.taken

    def fits(self, sizes: tuple[int, int, int]) -> bool:
        """Whether so much fits in, bytes."""
        return all(mine >= needed for mine, needed in zip(self.sizes, sizes, strict=True))

    def close(self) -> None:
        """Give the memory back."""
        self.card.give_here(self.here)
        self._give()

    def _give(self) -> None:
        while self.taken:
            self.card.give(self.taken.pop())


class Batches:
    """The runs of one world after the other, a batch at a time.

    `open` a world, then `start` batches and `finish` them in their order, at most two at a time.
    """

    def __init__(self, card: Card, extent: Extent | None = None) -> None:
        self.card, self.asked = card, extent
        self._places: list[Place] = []
        self._started: list[tuple[Place, int]] = []
        self._next = 0
        self._template = 0
        self._addresses: dict[str, int] = {}
        self._counts: dict[str, int] = {}

    def open(self, world: World, by_plant: bool, least: int, wanted: int = 0) -> int:
        """Bring a world to the card; returns the runs of a batch at most.

        They are no fewer than `least`, the runs of a shard, and as many as `wanted` if memory allows. Raises InputError
        where the card has too little for the least.
        """
        if self._started:
            raise RuntimeError("a batch of another world is on the card")
        self._world, self._by_plant = world, by_plant
        lane, run_in, run_out = self._bytes_of(world)
        extent = self.extent = self.asked or self._extent(lane, run_in + run_out, least, wanted)
        inputs, outputs = WORD * len(ARGUMENTS) + run_in * extent.runs, WORD * len(OUTPUTS) + run_out * extent.runs
        sizes = (lane * extent.lanes, inputs, outputs)
        if not self._places or not all(place.fits(sizes) for place in self._places):
            self._give_places()
            for _ in range(QUEUES):
                self._places.append(Place(self.card, sizes))
        self._send_template(world)
        return extent.runs

    def _bytes_of(self, world: World) -> tuple[int, int, int]:
        """Bytes of a lane, and of what a run reads and writes."""
        template = world.template
        one = RunArrays.empty(1, world, self._by_plant)
        return (
            WORD * words_of_lane(template),
            WORD + template.parameters.nbytes,
            sum(getattr(one, name).nbytes for name in OUTPUTS),
        )

    def _extent(self, lane: int, run: int, least: int, wanted: int) -> Extent:
        """As many lanes as the card's multiprocessors hold with a block each, fewer if its memory is short."""
        held = sum(sum(place.sizes) for place in self._places)
        room = int(SPARE * (self.card.free_bytes() + held)) // QUEUES
        lanes = min(BLOCK * self.card.multiprocessors, (room - run * least) // (lane + run))
        block = min(BLOCK, lanes // WIDTH * WIDTH)
        if block < WIDTH:
            needed = QUEUES * (WIDTH * (lane + run) + run * least) / 1e9
            expected = f"{self.card.name} has too little memory for runs of this world; expected {needed:.1f} GB free"
            raise InputError("", KEY, "gpu", f"{expected}, or fewer runs per shard (--shard-runs)")
        lanes = lanes // block * block
        fitting = min((room - lane * lanes) // run, BATCH_BYTES // run)
        return Extent(lanes, max(lanes, least, min(wanted, fitting)), block)

    def _send_template(self, world: World) -> None:
        """The words of a template, its table, the layout of a lane, and what a lane's other arrays hold at the start."""
        template = world.template
        words = words_in(template, tuple(ARRAYS))
        others = words_in(template, OWN[len(PER_RUN) :])
        if self._template:
            self.card.give(self._template)
        table, layout = table_at(template, 0), layout_at(template, 0)
        self._template = self.card.take(words.nbytes + others.nbytes + table.nbytes + layout.nbytes)
        table, layout = table_at(template, self._template), layout_at(template, self._template)
        at = self._template
        self._addresses = {"template": 0, "layout": 0, "others": 0}
        for name, array in (("", words), ("others", others), ("template", table), ("layout", layout)):
            self.card.send(at, array, self._places[0].queue)
            if name:
                self._addresses[name] = at
            at += array.nbytes
        self._counts = {
            "lane_words": words_of_lane(template), "other_words": others.size, "words": template.parameters.nbytes // WORD,
            "years": world.years, "account_words": ACCOUNT_DTYPE.itemsize // WORD, "firms": len(world.firm_ids),
            "decided": len(world.firm_ids) + len(template.pipeline), "network_rows": len(world.network_ids),
            "plant_rows": len(world.firm_ids) if self._by_plant else 0, "triggers": len(world.waiting),
        }  # fmt: skip

    def start(self, parameters: np.ndarray, numbers: np.ndarray) -> None:
        """Start a batch: one run per parameter record, shape (runs,); numbers: uint64 (runs,), what their luck hangs on.

        What the batch before the last one gave is overwritten.
        """
        if len(self._started) == QUEUES:
            raise RuntimeError("two batches are on the card already")
        place = self._places[self._next]
        self._next = (self._next + 1) % QUEUES
        runs, card, queue = len(numbers), self.card, place.queue
        ends, size = self._outputs(runs)
        row = WORD * len(ARGUMENTS)
        values = self._addresses | self._counts | {"lanes": place.lanes, "runs": runs}
        values |= {"numbers": place.inputs + row, "parameters": place.inputs + row + numbers.nbytes}
        values |= {name: place.outputs + start for name, start in ends.items()}
        inputs = (np.array([values[name] for name in ARGUMENTS], np.int64), numbers, words_of(parameters))
        card.send(place.inputs, np.concatenate([array.reshape(-1).view(np.uint64) for array in inputs]), queue)
        card.clear(place.outputs, size, queue)
        blocks = -(-min(runs, self.extent.lanes) // self.extent.block)
        card.launch(blocks, self.extent.block, (place.inputs, runs, values["failed"]), queue)
        card.fetch(place.here, place.outputs, size, queue)
        self._started.append((place, runs))

    def _outputs(self, runs: int) -> tuple[dict[str, int], int]:
        """Where each output of a batch starts, and the bytes of all."""
        starts, at = {}, 0
        whole = RunArrays.empty(runs, self._world, self._by_plant)
        for name in OUTPUTS:
            starts[name] = at
            at += -(-getattr(whole, name).nbytes // WORD) * WORD
        return starts, at

    def finish(self) -> RunArrays:
        """What the oldest batch gave, once it is done; it stays until two further batches are started."""
        place, runs = self._started.pop(0)
        self.card.wait(place.queue)
        starts, size = self._outputs(runs)
        memory = np.ctypeslib.as_array((ctypes.c_uint8 * size).from_address(place.here))
        like = RunArrays.empty(runs, self._world, self._by_plant)
        found = {}
        for name in OUTPUTS:
            array = getattr(like, name)
            found[name] = memory[starts[name] : starts[name] + array.nbytes].view(array.dtype).reshape(array.shape)
        return RunArrays(**found)

    def _give_places(self) -> None:
        """Give the memory of both queues back."""
        while self._places:
            self._places.pop().close()

    def close(self) -> None:
        """Give all memory back."""
        while self._started:
            self.card.wait(self._started.pop(0)[0].queue)
        self._give_places()
        if self._template:
            self.card.give(self._template)
            self._template = 0

"""A graphics card, through NVIDIA's driver: memory, copies and launches, and one clear line where there is none.

The driver is called by `cuda-bindings`, whose functions are the driver's own: they have stayed the same since CUDA 12.
"""

import importlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from clusterpact.experiments.gpu.code import KERNEL
from clusterpact.extras import require
from clusterpact.inputs import InputError

KEY = "--executor"
NAME_BYTES = 256
OLDEST = 8  #: compute capability that the code is made for


@dataclass(frozen=True)
class Registers:
    """What the kernel takes on a card: registers and bytes of its own memory per lane, and lanes that a processor holds."""

    registers: int
    local_bytes: int
    lanes_at_once: int


class Card:
    """The first card that the driver shows (`CUDA_VISIBLE_DEVICES` chooses), with the kernel loaded.

    All that is given to a queue is done in its order, and beside what other queues do. driver: what `loaded` gives. Raises
    InputError for what the driver refuses, in its words.
    """

    def __init__(self, code: bytes, driver: Any) -> None:
        self._driver = driver
        device, self.name = find(driver)
        kind = driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT
        self.multiprocessors = int(ask(driver, "cuDeviceGetAttribute", kind, device))
        self._do("cuCtxSetCurrent", self._do("cuDevicePrimaryCtxRetain", device))
        self._code = np.frombuffer(code + b"\0", np.uint8)
        self._kernel = self._do("cuModuleGetFunction", self._do("cuModuleLoadData", self._code.ctypes.data), KERNEL.encode())

    def _do(self, name: str, *given: Any) -> Any:
        return ask(self._driver, name, *given)

    def takes(self, block: int) -> Registers:
        """What the kernel takes with blocks of so many lanes."""
        kinds = self._driver.CUfunction_attribute
        registers = self._do("cuFuncGetAttribute", kinds.CU_FUNC_ATTRIBUTE_NUM_REGS, self._kernel)
        local = self._do("cuFuncGetAttribute", kinds.CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES, self._kernel)
        blocks = self._do("cuOccupancyMaxActiveBlocksPerMultiprocessor", self._kernel, block, 0)
        return Registers(registers, local, blocks * block)

    def free_bytes(self) -> int:
        """Memory of the card that nobody has taken."""
        free: int = self._do("cuMemGetInfo")
        return free

    def take(self, size: int) -> int:
        """The address of so many bytes of the card's memory."""
        return int(self._do("cuMemAlloc", max(1, size)))

    def give(self, address: int) -> None:
        """Give memory of the card back."""
        self._do("cuMemFree", self._driver.CUdeviceptr(address))

    def take_here(self, size: int) -> int:
        """The address of so many bytes of this machine's memory that the card reads and writes beside its work."""
        return int(self._do("cuMemHostAlloc", max(1, size), 0))

    def give_here(self, address: int) -> None:
        """Give such memory back."""
        self._do("cuMemFreeHost", address)

    def queue(self) -> Any:
        """A queue of its own."""
        return self._do("cuStreamCreate", int(self._driver.CUstream_flags.CU_STREAM_NON_BLOCKING))

    def send(self, to: int, what: np.ndarray, queue: Any) -> None:
        """Copy an array to the card; it may change as soon as this returns."""
        if what.nbytes:
            self._do("cuMemcpyHtoDAsync", self._driver.CUdeviceptr(to), what.ctypes.data, what.nbytes, queue)
            self.wait(queue)

    def clear(self, address: int, size: int, queue: Any) -> None:
        """Fill memory of the card with zeros."""
        if size:
            self._do("cuMemsetD8Async", self._driver.CUdeviceptr(address), 0, size, queue)

    def launch(self, blocks: int, block: int, values: tuple[int, int, int], queue: Any) -> None:
        """Start the kernel with its three values: the address of its arguments, the runs, and where failures are told."""
        words = np.array(values, np.uint64)
        places = words.ctypes.data + words.itemsize * np.arange(len(values), dtype=np.uint64)
        self._do("cuLaunchKernel", self._kernel, blocks, 1, 1, block, 1, 1, 0, queue, places.ctypes.data, 0)

    def fetch(self, to: int, address: int, size: int, queue: Any) -> None:
        """Copy memory of the card to memory of `take_here`, once what was given to the queue before is done."""
        if size:
            self._do("cuMemcpyDtoHAsync", to, self._driver.CUdeviceptr(address), size, queue)

    def wait(self, queue: Any) -> None:
        """Wait for all that was given to a queue."""
        self._do("cuStreamSynchronize", queue)


def loaded() -> Any:
    """The functions of the driver. Raises InputError if `cuda-bindings` is not installed."""
    require("run --executor gpu", "gpu", "cuda.bindings")
    return importlib.import_module("cuda.bindings.driver")


def ask(driver: Any, name: str, *given: Any) -> Any:
    """Call a function of the driver; the first of what it returns. Raises InputError with its words for an error."""
    error, *found = getattr(driver, name)(*given)
    if int(error) != 0:
        _, text = driver.cuGetErrorString(error)
        raise InputError("", KEY, "gpu", f"the CUDA driver refuses {name}: {text.decode() if text else error}")
    return found[0] if found else None


def find(driver: Any) -> tuple[Any, str]:
    """The driver's first device and its name. Raises InputError if there is no driver or no card, or if it is too old."""
    try:
        ask(driver, "cuInit", 0)
        count = ask(driver, "cuDeviceGetCount")
    except (InputError, RuntimeError) as error:  # of the driver, or of cuda-bindings that finds none
        said = error.expected if isinstance(error, InputError) else " ".join(str(error).split())
        raise InputError("", KEY, "gpu", f"no CUDA device can be used ({said}); expected an NVIDIA card") from None
    if not count:
        raise InputError("", KEY, "gpu", "no CUDA device is there; expected an NVIDIA card")
    device = ask(driver, "cuDeviceGet", 0)
    name: bytes = ask(driver, "cuDeviceGetName", NAME_BYTES, device)
    shown = name.split(b"\0")[0].decode(errors="replace")
    kind = driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR
    if ask(driver, "cuDeviceGetAttribute", kind, device) < OLDEST:
        raise InputError("", KEY, "gpu", f"{shown} is too old; expected a card of compute capability {OLDEST}.0 or more")
    return device, shown

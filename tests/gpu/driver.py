"""A double of NVIDIA's driver whose card is this processor: the functions of `cuda.bindings.driver` that `Card` calls.

It runs LLVM's code of `run_lane`, the same that the code for a card is made of, compiled for this machine: lanes one after
the other, each with the runs that the card would give it. Memory is this machine's, checked for what was never taken; copies
and launches wait in their queue until someone waits for it, as late as a card may do them.
"""

import ctypes
from enum import IntEnum
from types import SimpleNamespace

import llvmlite.binding as llvm
import numpy as np

from clusterpact.experiments.gpu.code import ENTRY, KERNEL, lane_code
from clusterpact.foreign import for_target, optimise

NO_DEVICE, OUT_OF_MEMORY = 100, 2
TEXTS = {NO_DEVICE: b"no CUDA-capable device is detected", OUT_OF_MEMORY: b"out of memory"}
MULTIPROCESSORS, MAJOR = 16, 75
RED_ZONE = 4096  #: bytes around every piece of memory that nobody may write to
MARK = 0xA5
_engines = []


def native(code):
    """LLVM's code of `run_lane` as a function of this process: (result, raised, arguments, run, lane) -> status."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    triple = llvm.get_process_triple()
    machine = llvm.Target.from_triple(triple).create_target_machine(opt=2, jit=True)
    module = for_target(code, triple, machine)
    for value in (*module.functions, *module.global_variables):
        if not value.is_declaration and value.name != ENTRY:
            value.linkage = "internal"
    optimise(module, machine)
    engine = llvm.create_mcjit_compiler(module, machine)
    engine.finalize_object()
    _engines.append(engine)
    word = ctypes.c_int64
    kind = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, word, word, word)
    return kind(engine.get_function_address(ENTRY))


class Driver:
    """A card of this processor; `devices`, `major`, `memory` (bytes) say what is there, `launches` what was asked of it."""

    CUdevice_attribute = IntEnum("CUdevice_attribute", {
        "CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT": MULTIPROCESSORS, "CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR": MAJOR,
    })  # fmt: skip
    CUfunction_attribute = IntEnum("CUfunction_attribute", {
        "CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES": 3, "CU_FUNC_ATTRIBUTE_NUM_REGS": 4,
    })  # fmt: skip
    CUstream_flags = SimpleNamespace(CU_STREAM_NON_BLOCKING=1)
    CUdeviceptr = int

    def __init__(self, devices=1, major=9, multiprocessors=2, memory=1 << 30, run=None):
        self.devices, self.memory = devices, memory
        self.attributes = {MULTIPROCESSORS: multiprocessors, MAJOR: major}
        self.run = run
        self.taken, self.queues, self.launches = {}, {}, []

    def cuInit(self, flags):
        return (0 if self.devices else NO_DEVICE,)

    def cuGetErrorString(self, error):
        return 0, TEXTS[error]

    def cuDeviceGetCount(self):
        return 0, self.devices

    def cuDeviceGet(self, number):
        return 0, number

    def cuDeviceGetName(self, length, device):
        return 0, b"This processor\0".ljust(length, b"\0")

    def cuDeviceGetAttribute(self, kind, device):
        return 0, self.attributes[int(kind)]

    def cuDevicePrimaryCtxRetain(self, device):
        return 0, "context"

    def cuCtxSetCurrent(self, context):
        return (0,)

    def cuModuleLoadData(self, image):
        text = ctypes.string_at(image)
        assert f".visible .entry {KERNEL}(".encode() in text
        return 0, text

    def cuModuleGetFunction(self, module, name):
        assert name == KERNEL.encode()
        self.run = self.run or native(lane_code())
        return 0, "kernel"

    def cuFuncGetAttribute(self, kind, kernel):
        return 0, 1

    def cuOccupancyMaxActiveBlocksPerMultiprocessor(self, kernel, block, shared):
        return 0, 1

    def cuMemGetInfo(self):
        used = sum(size for size, _ in self.taken.values())
        return 0, self.memory - used, self.memory

    def cuMemAlloc(self, size):
        if size > self.cuMemGetInfo()[1]:
            return OUT_OF_MEMORY, 0
        memory = np.full(size + 2 * RED_ZONE, MARK, np.uint8)
        address = memory.ctypes.data + RED_ZONE
        self.taken[address] = (size, memory)
        return 0, address

    def cuMemHostAlloc(self, size, flags):
        self.memory += size
        return self.cuMemAlloc(size)

    def cuMemFree(self, address):
        assert not any(self.queues.values()), "memory is given back that a queue may need"
        size, memory = self.taken.pop(address)
        assert (memory[:RED_ZONE] == MARK).all(), "written before what was taken"
        assert (memory[RED_ZONE + size :] == MARK).all(), "written behind what was taken"
        return (0,)

    cuMemFreeHost = cuMemFree

    def cuStreamCreate(self, flags):
        self.queues[len(self.queues)] = []
        return 0, len(self.queues) - 1

    def cuStreamSynchronize(self, queue):
        waiting, self.queues[queue] = self.queues[queue], []
        for work in waiting:
            work()
        return (0,)

    def held(self, address, size):
        """Whether so many bytes at an address were taken."""
        return any(start <= address and address + size <= start + length for start, (length, _) in self.taken.items())

    def cuMemcpyHtoDAsync(self, to, source, size, queue):
        assert self.held(to, size)
        self.queues[queue].append(lambda: ctypes.memmove(to, source, size))
        return (0,)

    def cuMemcpyDtoHAsync(self, to, source, size, queue):
        assert self.held(to, size)
        assert self.held(source, size)
        self.queues[queue].append(lambda: ctypes.memmove(to, source, size))
        return (0,)

    def cuMemsetD8Async(self, address, value, size, queue):
        assert self.held(address, size)
        self.queues[queue].append(lambda: ctypes.memset(address, value, size))
        return (0,)

    def cuLaunchKernel(self, kernel, *given):
        (blocks, ny, nz, block, my, mz, shared, queue, places, extra) = given
        assert (kernel, ny, nz, my, mz, shared, extra) == ("kernel", 1, 1, 1, 1, 0, 0)
        values = [ctypes.c_uint64.from_address(place).value for place in (ctypes.c_uint64 * 3).from_address(places)]
        self.launches.append((blocks, block, values[1]))
        self.queues[queue].append(lambda: self._batch(blocks * block, *values))
        return (0,)

    def _batch(self, lanes, arguments, runs, failed):
        """What `run_batch` does, a lane after the other."""
        result, raised = ctypes.c_int64(), ctypes.c_void_p()
        for lane in range(lanes):
            for run in range(lane, runs, lanes):
                status = self.run(ctypes.addressof(result), ctypes.addressof(raised), arguments, run, lane)
                ctypes.c_uint8.from_address(failed + run).value = int(status != 0)

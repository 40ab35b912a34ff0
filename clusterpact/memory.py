"""Memory that the system would refuse, asked for before it is needed: libraries that are refused it end the process."""

import os
from functools import cache
from pathlib import Path


@cache
def ask_for(needed_bytes: int) -> None:
    """Raise MemoryError where a limit of this process's address space leaves less than is needed; asks once."""
    try:
        import resource

        limit, _ = resource.getrlimit(resource.RLIMIT_AS)
        used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (ImportError, OSError):  # another system: nothing to ask
        return
    if 0 <= limit < used + needed_bytes:
        raise MemoryError

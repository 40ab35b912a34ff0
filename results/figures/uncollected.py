"""Imported first in the process from which painters are forked: neither it nor they live long enough to look for garbage."""

import gc

gc.disable()

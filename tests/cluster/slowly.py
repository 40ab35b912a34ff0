"""The command line, after each of whose shards PAUSE seconds pass, so that there is time to kill something."""

import os
import time
from typing import Any

from clusterpact.cli import app as cli
from clusterpact.experiments.running import local

_usual = local.do_shard


def _do_shard(*arguments: Any) -> dict[str, Any]:
    entry = _usual(*arguments)
    time.sleep(float(os.environ.get("PAUSE", "0")))
    return entry


if __name__ == "__main__":
    local.do_shard = _do_shard
    cli.main()

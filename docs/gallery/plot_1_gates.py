"""
What holds Dunkirk back
=======================

Abated by switching and by closing, and above it what is still emitted, by the gate behind which plants stand: together all
that was emitted at the start.
"""

import clusterpact as cp

result = cp.run("dunkirk", runs=100, policies=["current-policies", "four-pillars"], out="dunkirk", progress=False)
figure = result.plot.gates()

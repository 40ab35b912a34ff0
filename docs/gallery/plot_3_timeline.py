"""
When plants and networks decide and start
=========================================

A row per plant and technology; the black mark is what was planned.
"""

import clusterpact as cp

result = cp.run("dunkirk", runs=100, policies=["current-policies", "four-pillars"], out="dunkirk", progress=False)
figure = result.plot.timeline()

"""
How likely each target is
=========================

The median and the spread of runs, with the targets of the experiment.
"""

import clusterpact as cp

result = cp.run("dunkirk", runs=100, policies=["current-policies", "four-pillars"], out="dunkirk", progress=False)
figure = result.plot.emissions()

"""
Who is there, and who hangs on whom
===================================

Plants of a cluster by size and sector, and the ties between plants, networks and lenders.
"""

import clusterpact as cp

experiment = cp.experiment("brescia")
plants = experiment.plot.cluster_map()

# %%
# The ties.

ties = experiment.plot.tie_network()

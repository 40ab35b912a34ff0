"""Questions that take more runs or a reading of many tables: comparison, levers, screening, scores, calibration, account."""

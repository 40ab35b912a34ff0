"""The kernel on a graphics card: the same rules, the state of many runs interleaved, and the driver that feeds them."""

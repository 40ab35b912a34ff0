"""Emission registers: from a register's file to a cluster folder (`clusterpact import`)."""

"""Rows of the network: operators and nodes, leases and their proofs, work and its pay."""

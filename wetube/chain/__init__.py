"""The way to the EVM chain the coin lives on: its node, our keys, contracts, outbox, events."""

import sys

_usual = sys.getrecursionlimit()
import py_ecc  # noqa: E402, F401 - see below

# Importing py_ecc, which eth_account brings along, lets Python recurse 100 000 calls deep. That
# is more than a thread's stack holds: a stranger's 100 kB of "[" sent as JSON ended the process.
# It is imported here first, and the limit put back; whoever imports it later finds it done.
sys.setrecursionlimit(_usual)

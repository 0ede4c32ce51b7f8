"""The embedded chain: an EVM on SQLite as one process, with a JSON-RPC on loopback.

Importing it chooses pysha3 for eth-hash where there is one: the machine hashes all the time, and
what eth-hash takes by itself is several times slower.
"""

import os
from importlib.util import find_spec

if find_spec("sha3"):
    os.environ.setdefault("ETH_HASH_BACKEND", "pysha3")

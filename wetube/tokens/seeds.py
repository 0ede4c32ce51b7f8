"""The seed of all the mint's private keys: the gateway's key of the role "mint", encrypted on disk.

Whoever has it can make tokens out of nothing; without it none can be redeemed.
"""

import threading

from wetube.chain import keys

ROLE = "mint"
_one_at_a_time = threading.Lock()


def seed() -> bytes:
    """32 bytes, made at the first asking. Raises keys.WrongPassword."""
    with _one_at_a_time:
        if not keys.exists(ROLE):
            keys.create(ROLE)
        return bytes(keys.account(ROLE).key)

"""Random public ids: what a row is called in a URL."""

import secrets

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
LENGTH = 11


def new_key() -> str:
    """Eleven letters and digits without look-alikes, about 64 bits of chance."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))

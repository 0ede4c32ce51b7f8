"""Random public ids: what a row is called in a URL."""

import secrets

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
LENGTH = 11
_ALL = len(ALPHABET) ** LENGTH


def new_key() -> str:
    """Eleven letters and digits without look-alikes, about 64 bits of chance."""
    chance, letters = secrets.randbelow(_ALL), []
    for _ in range(LENGTH):
        chance, letter = divmod(chance, len(ALPHABET))
        letters.append(ALPHABET[letter])
    return "".join(letters)

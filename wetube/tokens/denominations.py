"""The amounts tokens come in: 1, 2 and 5 drops and their tens, up to ten thousand coins.

A token's unit, `cld`, is one drop, so that every price can be paid exactly and the books never
round. People set prices in tens: with 1-2-5 such a price takes one to three tokens (0.25 CLD two)
where powers of two need about eight, and any amount at all takes no more than powers of two do.
A key for each exact price would need fewer still, and would tell which film a buyer has in mind.
"""

UNIT = "cld"
MOST = 10**12
DENOMINATIONS = tuple(
    step * 10**tens for tens in range(13) for step in (1, 2, 5) if step * 10**tens <= MOST
)


def split(amount: int) -> list[int]:
    """The fewest tokens that make up these drops, the smallest first."""
    parts = []
    for size in reversed(DENOMINATIONS):
        count, amount = divmod(amount, size)
        parts += [size] * count
    return parts[::-1]

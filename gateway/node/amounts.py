"""Amounts as people write them: "200 GB", "50 Mbit/s", "22-6", "0.05"; and back."""

import re
from decimal import Decimal, InvalidOperation

DROPS = 100_000_000  # of one CLD
UNITS = {
    "": 1,
    "B": 1,
    **{f"{letter}B": 1000**power for power, letter in enumerate(("k", "M", "G", "T"), 1)},
    **{f"{letter}iB": 1024**power for power, letter in enumerate(("K", "M", "G", "T"), 1)},
}
SIZE = re.compile(r"(\d{1,19}(?:\.\d{1,6})?)\s*([kKMGT]?i?B?)", re.ASCII)
RATE = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)\s*([kMG]?)(bit|B)(?:/s|ps)", re.ASCII)
HOURS = re.compile(r"(\d{1,2})-(\d{1,2})", re.ASCII)
TIMES = {"": 1, "k": 1000, "M": 1000**2, "G": 1000**3}


class BadAmount(ValueError):
    """The text is not an amount of this kind; the message gives an example of one."""


def size(text: str) -> int:
    """Bytes: "200 GB" is 200·10⁹, "200 GiB" is 200·2³⁰; raises BadAmount."""
    match = SIZE.fullmatch(text.strip())
    unit = match[2].replace("KB", "kB").replace("kiB", "KiB") if match else ""
    if match is None or unit not in UNITS:
        raise BadAmount(f'"{text}" is not a size. Write one like 200 GB.')
    return int(Decimal(match[1]) * UNITS[unit])


def rate(text: str) -> int:
    """Bytes a second: "50 Mbit/s", "6 MB/s"; 0 for "unlimited"; raises BadAmount."""
    if text.strip() == "unlimited":
        return 0
    match = RATE.fullmatch(text.strip())
    if match is None or not float(match[1]):
        raise BadAmount(f'"{text}" is not a rate. Write one like 50 Mbit/s, or unlimited.')
    count = Decimal(match[1]) * TIMES[match[2]]
    return max(1, int(count / 8 if match[3] == "bit" else count))


def hours(text: str) -> tuple[int, ...]:
    """UTC hours: "22-6" is from 22:00 to 6:00; () for "always"; raises BadAmount."""
    if text.strip() == "always":
        return ()
    match = HOURS.fullmatch(text.strip())
    first, last = (int(match[1]), int(match[2])) if match else (0, 0)
    if match is None or first > 23 or last > 24 or first == last % 24:
        raise BadAmount(f'"{text}" are no hours. Write them like 22-6, or always.')
    return tuple(sorted((first + step) % 24 for step in range((last - first) % 24)))


def coin(text: str) -> int:
    """Drops: "0.05" CLD is 5,000,000; raises BadAmount."""
    try:
        drops = Decimal(text.strip()) * DROPS
    except InvalidOperation:
        drops = Decimal(-1)
    if not drops.is_finite() or not 0 <= drops <= 1 << 50 or drops != int(drops):
        raise BadAmount(f'"{text}" is not a price in CLD. Write one like 0.05.')
    return int(drops)


def size_text(count: int) -> str:
    """Bytes for people, in powers of ten: 1.5 GB."""
    number, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB"):
        if abs(number) < 1000:
            break
        number, unit = number / 1000, larger
    return f"{number:.0f} {unit}" if number >= 100 or unit == "B" else f"{number:.1f} {unit}"


def exact_size(count: int) -> str:
    """Bytes as `size` reads them back, in the largest unit that leaves nothing over."""
    fitting = [unit for unit in ("TB", "GB", "MB", "kB") if count and count % UNITS[unit] == 0]
    return f"{count // UNITS[fitting[0]]} {fitting[0]}" if fitting else f"{count} B"


def exact_rate(count: int) -> str:
    """Bytes a second as `rate` reads them back."""
    return f"{count} B/s" if count else "unlimited"


def rate_text(count: int) -> str:
    """Bytes a second for people, in bits as lines are sold: 50 Mbit/s."""
    return f"{count * 8 / 1e6:.0f} Mbit/s" if count else "unlimited"


def hours_text(open_hours: tuple[int, ...]) -> str:
    """Hours for people, as they are written."""
    if not open_hours:
        return "always"
    first = next(hour for hour in open_hours if (hour - 1) % 24 not in open_hours)
    return f"{first}-{(first + len(open_hours)) % 24}"


def coin_text(drops: int) -> str:
    """CLD without idle zeros: 0.05."""
    return (
        f"{Decimal(drops) / DROPS:f}".rstrip("0").rstrip(".")
        if drops % DROPS
        else str(drops // DROPS)
    )

"""Content-Disposition (RFC 6266, RFC 8187) for file names that anyone may have chosen."""

import unicodedata
from collections.abc import Mapping
from urllib.parse import quote

MOST = 180  # characters
UNQUOTED = "!#$&+-.^_`|~"  # what RFC 8187 leaves as it is, beside letters and digits


def of(query: Mapping[str, str], name: str) -> str | None:
    """The header for `?download` and `?filename=…`, None when neither asks for one."""
    if "download" not in query and "filename" not in query:
        return None
    kind = "attachment" if "download" in query else "inline"
    return header(kind, query.get("filename") or name)


def header(kind: str, name: str) -> str:
    """`name` as plain ASCII for old clients, and whole for all others."""
    clean = cleaned(name)
    plain = "".join(c if c.isascii() and c not in '"\\%' else "_" for c in clean)
    extended = quote(clean, safe=UNQUOTED)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{extended}"


def quoted(path: str) -> str:
    """A path fit for a header."""
    return quote(path, safe="/" + UNQUOTED)


def cleaned(name: str) -> str:
    """The name without folders, and without control, format (bidi) or half characters."""
    last = name.replace("\\", "/").rpartition("/")[2]
    seen = "".join(c for c in last if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Zl", "Zp"})
    short = seen.strip(" .")
    if len(short) > MOST:
        stem, dot, extension = short.rpartition(".")
        keep = extension[:16] if dot else ""
        short = (stem or short)[: MOST - 17] + (dot and f".{keep}")
    return short or "file"

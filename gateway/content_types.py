"""Content types: by extension from a short list, by the bytes where there is none.

Pages and drawings are shown under a policy that lets nothing in them run or
call out; scripts stay octet-stream, which no browser runs.
"""

import codecs

TYPES = {
    "aac": "audio/aac",
    "avif": "image/avif",
    "css": "text/css; charset=utf-8",
    "flac": "audio/flac",
    "gif": "image/gif",
    "htm": "text/html; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "ico": "image/x-icon",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "json": "application/json",
    "m3u8": "application/vnd.apple.mpegurl",
    "m4a": "audio/mp4",
    "m4s": "video/iso.segment",
    "m4v": "video/mp4",
    "md": "text/plain; charset=utf-8",
    "mkv": "video/x-matroska",
    "mov": "video/quicktime",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "mpd": "application/dash+xml",
    "oga": "audio/ogg",
    "ogg": "audio/ogg",
    "ogv": "video/ogg",
    "opus": "audio/ogg",
    "pdf": "application/pdf",
    "png": "image/png",
    "srt": "text/plain; charset=utf-8",
    "svg": "image/svg+xml",
    "ts": "video/mp2t",
    "txt": "text/plain; charset=utf-8",
    "vtt": "text/vtt; charset=utf-8",
    "wav": "audio/wav",
    "webm": "video/webm",
    "webp": "image/webp",
    "woff": "font/woff",
    "woff2": "font/woff2",
}


BYTES, TEXT, LINK = "application/octet-stream", "text/plain; charset=utf-8", "inode/symlink"
HEAD = 512  # bytes that are looked at
# Nothing runs, nothing is sent, nothing comes from elsewhere; pictures and styles beside it may.
SHOWN = (
    "sandbox allow-downloads; default-src 'none'; img-src 'self' data:; media-src 'self';"
    " font-src 'self'; style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
POLICIES = {TYPES["html"]: SHOWN, TYPES["svg"]: SHOWN}


def by_name(name: str) -> str | None:
    """The type of a file called `name`, None when the name has no extension."""
    _, dot, extension = name.rpartition(".")
    return TYPES.get(extension.lower(), BYTES) if dot else None


def by_bytes(head: bytes) -> str:
    """Plain text where the first bytes are nothing but text, and never anything else."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return BYTES
    return TEXT if all(sign.isprintable() or sign in "\t\n\r\f" for sign in text) else BYTES

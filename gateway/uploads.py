"""Uploads on disk: a folder each, with the bytes as they arrive and what is known beside them.

`<root>/<key>/source` holds the bytes; its size is the offset to go on from.
`<root>/<key>/upload.json` holds length, file name and, once the site has taken
the file, where it is shown. `<root>/<key>/unverified` exists while bytes under
a checksum arrive and says where they begin: they count only once it is gone.
"""

import errno
import json
import os
import re
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from gateway.refusals import NothingHere, Refused

KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")
GIB = 1 << 30


class TooBig(Refused):
    status = 413


class DiskFull(Refused):
    status = 507


class AnotherFile(Refused):
    """This grant's upload has begun with another file."""

    status = 409


class AlreadyTaken(Refused):
    """The site has the file; it is no longer the gateway's to change."""

    status = 409


class UploadExpired(Refused):
    status = 410


@dataclass(frozen=True, slots=True)
class Upload:
    """One file on its way. `length` is in bytes, None while a form's is not known yet."""

    key: str
    length: int | None
    filename: str
    metadata: str = ""  # the Upload-Metadata header as it came
    created: float = 0.0  # unix seconds
    shown: str = ""  # the URL where the site shows it, once the site has taken it


class Uploads:
    """All uploads below one folder.

    reserve: bytes of the disk that uploads leave free; most: bytes of one
    upload; keep_seconds: an upload that nothing was added to for so long is swept
    """

    def __init__(
        self,
        root: Path,
        *,
        reserve: int = GIB,
        most: int = 50 * GIB,
        keep_seconds: float = 7 * 86400,
    ) -> None:
        self._root = root
        self._reserve = reserve
        self._beginning = threading.Lock()
        self.most = most
        self.keep_seconds = keep_seconds

    def begin(self, wanted: Upload, *, limit: int) -> Upload:
        """The upload of this key: as it is if it is the same file, else new.

        Raises TooBig or DiskFull before any byte is taken, AnotherFile when
        bytes of another file are here, AlreadyTaken when that one is complete.
        """
        with self._beginning:
            return self._begin(wanted, limit=limit)

    def _begin(self, wanted: Upload, *, limit: int) -> Upload:
        known = self._read(wanted.key)
        if known is not None and self._is_over(known):
            known = None
        if known is not None and wanted.length is not None and _same(known, wanted):
            return known
        if known is not None and known.shown:
            raise AlreadyTaken("The file of this upload has arrived: begin a new upload.")
        if known is not None and known.length is not None and self.offset(known):
            raise AnotherFile(
                f"This upload has begun with another file ({known.filename or 'unnamed'}):"
                " go on with that one, or delete it first."
            )
        self.check_room(wanted.length or 0, limit=limit)
        return self._make(wanted)

    def check_room(self, length: int, *, limit: int) -> None:
        """Raises TooBig or DiskFull if a file of this length cannot be taken."""
        most = min(limit, self.most)
        if length > most:
            raise TooBig(f"This file has {length} bytes, and {most} are allowed.")
        self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
        if length > shutil.disk_usage(self._root).free - self._reserve:
            raise DiskFull("There is no room on this server for a file of this size.")

    def find(self, key: str) -> Upload:
        """Raises NothingHere, or UploadExpired when it waits to be swept."""
        upload = self._read(key)
        if upload is None or upload.length is None:
            raise NothingHere("There is no such upload: begin a new one.")
        if self._is_over(upload):
            raise UploadExpired("This upload was left alone for too long: begin a new one.")
        return upload

    def offset(self, upload: Upload) -> int:
        """Bytes that have arrived, and been verified where a checksum came with them."""
        if upload.shown:
            return upload.length or 0
        try:
            size = self.source(upload).stat().st_size
        except FileNotFoundError:
            return 0
        unverified = self.unverified_from(upload)
        return size if unverified is None else min(size, unverified)

    def source(self, upload: Upload) -> Path:
        return self._folder(upload.key) / "source"

    def unverified_from(self, upload: Upload) -> int | None:
        try:
            return int((self._folder(upload.key) / "unverified").read_text())
        except (FileNotFoundError, ValueError):
            return None

    def mark_unverified(self, upload: Upload, offset: int | None) -> None:
        """Bytes from `offset` on do not count yet; with None, all do."""
        mark = self._folder(upload.key) / "unverified"
        if offset is None:
            mark.unlink(missing_ok=True)
        else:
            _write_whole(mark, str(offset), durable=False)

    def expires(self, upload: Upload) -> float:
        """Unix seconds."""
        return self._touched(upload) + self.keep_seconds

    def finish(self, upload: Upload, *, shown: str) -> Upload:
        """Remember that the site has taken it."""
        return self._write(replace(upload, shown=shown))

    def sized(self, upload: Upload, length: int) -> Upload:
        """Remember a length that became known at the end."""
        return self._write(replace(upload, length=length))

    def remove(self, upload: Upload) -> None:
        shutil.rmtree(self._folder(upload.key), ignore_errors=True)

    def all(self) -> Iterator[Upload]:
        for folder in sorted(self._root.glob("*/upload.json")):
            upload = self._read(folder.parent.name)
            if upload is not None:
                yield upload

    def complete(self) -> Iterator[Upload]:
        """Those whose bytes are all here and that the site has not taken yet."""
        for upload in self.all():
            if not upload.shown and upload.length == self.offset(upload):
                yield upload

    def sweep(self, *, now: float) -> list[str]:
        """Remove what was left alone for too long and the site never took; answers the keys."""
        old = [u for u in self.all() if not u.shown and now >= self.expires(u)]
        for upload in old:
            self.remove(upload)
        return [upload.key for upload in old]

    def _make(self, upload: Upload) -> Upload:
        folder = self._folder(upload.key)
        shutil.rmtree(folder, ignore_errors=True)
        try:
            folder.mkdir(parents=True, mode=0o700)
            self.source(upload).touch(mode=0o600)
            return self._write(replace(upload, created=time.time()))
        except OSError as error:
            raise_full(error)
            raise

    def _is_over(self, upload: Upload) -> bool:
        return not upload.shown and time.time() >= self.expires(upload)

    def _touched(self, upload: Upload) -> float:
        try:
            return max(upload.created, self.source(upload).stat().st_mtime)
        except FileNotFoundError:
            return upload.created

    def _read(self, key: str) -> Upload | None:
        try:
            return Upload(**json.loads((self._folder(key) / "upload.json").read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def _write(self, upload: Upload) -> Upload:
        _write_whole(self._folder(upload.key) / "upload.json", json.dumps(asdict(upload)))
        return upload

    def _folder(self, key: str) -> Path:
        if not KEY.fullmatch(key):
            raise NothingHere("There is no such upload: begin a new one.")
        return self._root / key


def raise_full(error: OSError) -> None:
    """Raise DiskFull if that is what the error means."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        raise DiskFull("The disk of this server is full: what has arrived is kept.") from error


def _same(one: Upload, other: Upload) -> bool:
    return (one.length, one.filename) == (other.length, other.filename)


def _write_whole(path: Path, text: str, *, durable: bool = True) -> None:
    """Either the old text is there or all of the new; also after a power cut if durable."""
    fresh = path.with_suffix(".new")
    with fresh.open("w") as out:
        out.write(text)
        out.flush()
        if durable:
            os.fsync(out.fileno())
    fresh.rename(path)

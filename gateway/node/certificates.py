"""The node's TLS certificate: one it is given, or one it makes, pinned by what it signs."""

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fcntl import LOCK_EX, flock
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

YEARS = timedelta(days=5 * 365)
SOON = timedelta(days=30)  # a certificate of our own is made anew this long before it ends


class BadCertificate(ValueError):
    """The file holds no certificate in PEM, or one that is over."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """Files in PEM, and the hex sha256 of the certificate (DER) that a client will see."""

    certificate: Path
    key: Path
    digest: str


def given(certificate: Path, key: Path) -> Certificate:
    """The operator's own files; raises BadCertificate."""
    try:
        leaf = _leaf(certificate)
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, _no_password)
    except ssl.SSLError as error:
        raise BadCertificate(
            f"{key} is not the key of {certificate}, or wants a password, which a node has not."
        ) from error
    except OSError as error:
        raise BadCertificate(
            f"The certificate {certificate} and its key {key} cannot be read: {error.strerror}."
        ) from error
    if leaf.not_valid_after_utc <= datetime.now(UTC):
        raise BadCertificate(f"The certificate in {certificate} has ended: renew it.")
    return Certificate(certificate, key, _digest(leaf))


def own(folder: Path, name: str) -> Certificate:
    """The node's self-signed certificate, kept in its folder; made where there is none or it ends.

    Nobody vouches for it: whoever calls knows its digest from what the node has signed.
    """
    files = folder / "certificate.pem", folder / "certificate.key"
    with _alone_in(folder):
        try:
            leaf = _leaf(files[0])
        except (FileNotFoundError, BadCertificate):
            leaf = None
        if leaf is None or not files[1].exists() or _ends_soon(leaf):
            leaf = _make(*files, name=name)
    return Certificate(*files, _digest(leaf))


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """One process makes the certificate; the others, a status that is asked for, wait for it."""
    with (folder / ".certificate.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        yield


def _make(certificate: Path, key: Path, *, name: str) -> x509.Certificate:
    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    began = datetime.now(UTC) - timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(began)
        .not_valid_after(began + YEARS)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("node.invalid")]), critical=False)
        .sign(private, hashes.SHA256())
    )
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    # The certificate goes last: where it is, its key is.
    certificate.unlink(missing_ok=True)
    _write(key, pem)
    _write(certificate, made.public_bytes(serialization.Encoding.PEM))
    return made


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _leaf(path: Path) -> x509.Certificate:
    """The first certificate of a file; raises FileNotFoundError, BadCertificate."""
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())[0]
    except ValueError as error:
        raise BadCertificate(f"{path} holds no certificate in PEM.") from error


def _no_password() -> str:
    """Nobody sits there to type one."""
    return ""


def _digest(certificate: x509.Certificate) -> str:
    return sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()


def _ends_soon(certificate: x509.Certificate) -> bool:
    return certificate.not_valid_after_utc < datetime.now(UTC) + SOON

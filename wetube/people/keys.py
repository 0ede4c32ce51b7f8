"""The master key of a person, what wraps it, and how a session may hold it.

Each person has one random master key. It never lies anywhere in clear: every
credential (phrase, password, passkey, app password) keeps its own wrapped copy,
and a signed-in session holds one sealed by a key that lives only in a cookie of
that browser. The database alone therefore opens nothing.

HKDF is RFC 5869, AES key wrap RFC 3394, sealing AES-256-GCM with a random
96-bit nonce in front.
"""

import secrets
from base64 import b64decode, b64encode
from binascii import Error as BadBase64
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from wetube.people.models import KeyPairs, User

COOKIE = "wt_key"
NONCE = 12  # bytes
IN_SESSION = "sealed_master"


class WrongKey(Exception):
    """This key does not open that."""


@dataclass(frozen=True)
class MasterKey:
    """32 random bytes that open everything of one person; never shown, never logged."""

    secret: bytes = field(repr=False)

    @classmethod
    def new(cls) -> "MasterKey":
        return cls(secrets.token_bytes(32))

    def wrap(self, kek: bytes) -> bytes:
        """This key as 40 bytes that only `kek` (32 bytes) opens."""
        return aes_key_wrap(kek, self.secret)

    @classmethod
    def unwrap(cls, kek: bytes, wrapped: bytes | memoryview) -> "MasterKey":
        """Raises WrongKey."""
        try:
            return cls(aes_key_unwrap(kek, bytes(wrapped)))
        except (InvalidUnwrap, ValueError) as error:
            raise WrongKey("This key does not open the master key.") from error

    def seal(self, plain: bytes, *, purpose: str) -> bytes:
        """Encrypt something small; only the same key and purpose open it."""
        return _seal(derive(self.secret, f"seal/{purpose}"), plain)

    def open(self, sealed: bytes | memoryview, *, purpose: str) -> bytes:
        """Raises WrongKey, also when a single bit was changed."""
        return _open(derive(self.secret, f"seal/{purpose}"), bytes(sealed))


def derive(secret: bytes, purpose: str) -> bytes:
    """32 bytes for one purpose from a secret that is strong already."""
    hkdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"wetube/1/{purpose}".encode())
    return hkdf.derive(secret)


def new_pairs(user: User, master: MasterKey) -> KeyPairs:
    """Fresh X25519 and Ed25519 pairs, the private halves sealed; not saved yet."""
    agree, sign = X25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    private = agree.private_bytes_raw() + sign.private_bytes_raw()
    return KeyPairs(
        user=user,
        x25519_public=agree.public_key().public_bytes_raw(),
        ed25519_public=sign.public_key().public_bytes_raw(),
        sealed_private=master.seal(private, purpose="private keys"),
    )


def open_pairs(pairs: KeyPairs, master: MasterKey) -> tuple[X25519PrivateKey, Ed25519PrivateKey]:
    """The private halves. Raises WrongKey."""
    private = master.open(pairs.sealed_private, purpose="private keys")
    return (
        X25519PrivateKey.from_private_bytes(private[:32]),
        Ed25519PrivateKey.from_private_bytes(private[32:]),
    )


def unlock(request: HttpRequest) -> MasterKey | None:
    """The signed-in person's master key, while session and cookie are both there.

    None for a visitor, and for somebody who came in by a passkey that cannot
    open keys: the page on keys then asks for the password or the phrase.
    """
    if not request.user.is_authenticated:
        return None
    plain = recall(request, IN_SESSION, whose=request.user.key)
    return MasterKey(plain) if plain else None


def hold(request: HttpRequest, response: HttpResponse, user: User, master: MasterKey) -> None:
    """Keep the master key usable for as long as this session lives."""
    remember(request, response, IN_SESSION, master.secret, whose=user.key)


def remember(
    request: HttpRequest, response: HttpResponse, name: str, secret: bytes, *, whose: str
) -> None:
    """Put a secret into the session, sealed by the key in this browser's cookie."""
    cookie_key = _cookie_key(request) or secrets.token_bytes(32)
    request.session[name] = b64encode(_seal(cookie_key, secret, whose)).decode()
    # The next remember() of this same request must find the key that was just made.
    request.COOKIES[COOKIE] = b64encode(cookie_key).decode()
    response.set_cookie(
        COOKIE,
        request.COOKIES[COOKIE],
        max_age=settings.SESSION_COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def recall(request: HttpRequest, name: str, *, whose: str) -> bytes | None:
    """What `remember` put there; None if it is gone, changed, or somebody else's."""
    sealed, cookie_key = request.session.get(name), _cookie_key(request)
    if not sealed or not cookie_key:
        return None
    try:
        return _open(cookie_key, b64decode(sealed), whose)
    except (WrongKey, BadBase64):
        return None


def drop_cookie(response: HttpResponse) -> None:
    response.delete_cookie(COOKIE, samesite="Lax")


def _cookie_key(request: HttpRequest) -> bytes | None:
    try:
        key = b64decode(request.COOKIES.get(COOKIE, ""), validate=True)
    except (BadBase64, ValueError):
        return None
    return key if len(key) == 32 else None


def _seal(key: bytes, plain: bytes, bound_to: str = "") -> bytes:
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound_to.encode())


def _open(key: bytes, sealed: bytes, bound_to: str = "") -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], bound_to.encode())
    except (InvalidTag, ValueError) as error:
        raise WrongKey("This key does not open what was sealed.") from error

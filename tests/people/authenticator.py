"""A software authenticator: what a browser and a security key would answer, for tests.

Written from WebAuthn Level 3: attestation "none", ES256, user present and
verified, discoverable; with `prf` it has a secret of its own to mix with.
"""

import hmac
import json
import secrets
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

UP, UV, AT = 0x01, 0x04, 0x40


class Authenticator:
    def __init__(self, origin: str, *, prf: bool = False, verifies: bool = True) -> None:
        self.origin = origin
        self.verified = UV if verifies else 0
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = secrets.token_bytes(32)
        self.secret = secrets.token_bytes(32) if prf else None
        self.user_handle = b""
        self.count = 0

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        self.user_handle = base64url_to_bytes(options["user"]["id"])
        public = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32), -3: public.y.to_bytes(32)}
        credential = bytes(16) + len(self.credential_id).to_bytes(2) + self.credential_id
        data = self._data(options["rp"]["id"], AT) + credential + cbor2.dumps(cose)
        attestation = {"fmt": "none", "attStmt": {}, "authData": data}
        response = {
            "clientDataJSON": self._client_data("webauthn.create", options["challenge"]),
            "attestationObject": bytes_to_base64url(cbor2.dumps(attestation)),
        }
        return self._answer(response, options)

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        self.count += 1
        data = self._data(options["rpId"])
        client_data = self._client_data("webauthn.get", options["challenge"])
        signed = data + sha256(base64url_to_bytes(client_data)).digest()
        response = {
            "clientDataJSON": client_data,
            "authenticatorData": bytes_to_base64url(data),
            "signature": bytes_to_base64url(self.key.sign(signed, ec.ECDSA(SHA256()))),
            "userHandle": bytes_to_base64url(self.user_handle),
        }
        return self._answer(response, options)

    def _answer(self, response: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
        credential_id = bytes_to_base64url(self.credential_id)
        answer = {"id": credential_id, "rawId": credential_id, "type": "public-key"}
        if self.secret:
            asked = base64url_to_bytes(options["extensions"]["prf"]["eval"]["first"])
            answer["prf"] = bytes_to_base64url(hmac.digest(self.secret, asked, sha256))
        return {**answer, "response": response}

    def _data(self, rp_id: str, flags: int = 0) -> bytes:
        flags |= UP | self.verified
        return sha256(rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _client_data(self, kind: str, challenge: str) -> str:
        data = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return bytes_to_base64url(json.dumps(data).encode())

"""A program of Alice's with a token for pins."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from wetube.people import tokens
from wetube.people.models import User

PINS = "/pinning/v1/pins"


@dataclass
class Program:
    """A client of the Pinning Services API; `secret` is its token."""

    secret: str
    client: Client

    def get(self, path: str = "", **query: Any) -> Any:
        return self.client.get(PINS + path, query, headers=self._headers())

    def post(self, said: object, path: str = "") -> Any:
        body = said if isinstance(said, bytes) else json.dumps(said)
        return self.client.post(
            PINS + path, body, content_type="application/json", headers=self._headers()
        )

    def delete(self, path: str) -> Any:
        return self.client.delete(PINS + path, headers=self._headers())

    def pin(self, cid: str, **said: Any) -> dict[str, Any]:
        answer = self.post({"cid": cid, **said})
        assert answer.status_code == 202, answer.content
        status: dict[str, Any] = answer.json()
        return status

    def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.secret}"} if self.secret else {}


@pytest.fixture(autouse=True)
def _own_keys(settings: Settings, tmp_path: Path) -> None:
    settings.KEYS_DIR = tmp_path / "keys"
    settings.GATEWAY_URL = "https://gate.example"


@pytest.fixture
def program_of() -> Callable[[User], Program]:
    def program_of(user: User) -> Program:
        _token, secret = tokens.mint(user, name="ipfs", scopes=["pins"])
        return Program(secret, Client())

    return program_of


@pytest.fixture
def program(alice: User, program_of: Callable[[User], Program]) -> Program:
    return program_of(alice)

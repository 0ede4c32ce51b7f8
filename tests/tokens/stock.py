"""The stock @cashu/cashu-ts in Node, driven line by line."""

import json
import os
import secrets
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

SCRIPT = Path(__file__).with_name("stock_wallet.mjs")
ROOT = SCRIPT.parent.parent.parent


class StockRefused(Exception):
    """The library raised; `code` is what the mint said, if it was the mint."""

    def __init__(self, said: dict[str, Any]) -> None:
        self.name, self.code = said.get("error"), said.get("code")
        super().__init__(f"{self.name} {self.code}: {said.get('detail')}")


class StockWallet:
    """One Node process; each call is a word of stock_wallet.mjs."""

    def __init__(self, mint: str) -> None:
        node = shutil.which("node")
        if node is None:
            pytest.skip("needs node")
        self._process = subprocess.Popen(
            [node, str(SCRIPT), mint, secrets.token_hex(64)],
            cwd=ROOT,
            env={**os.environ, "NODE_NO_WARNINGS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, word: str, *said: object) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([word, *said]) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline() or '{"error": "Node ended"}')
        if "error" in answer:
            raise StockRefused(answer)
        return answer.get("ok")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()

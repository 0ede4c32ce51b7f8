"""Somebody with a browser of their own, by plain HTTP: forms, cookies, one source address."""

import re
import time
from html import unescape
from pathlib import Path

import httpx

from script.drills.rig import Rig
from tests.people.test_proofs import solve

TUS = {"Tus-Resumable": "1.0.0"}
BYTES = {**TUS, "Content-Type": "application/offset+octet-stream"}


class Person:
    """A visitor of a running WeTube. `address` is where their connections come from."""

    def __init__(self, rig: Rig, *, address: str = "127.0.0.1", agent: str = "tests") -> None:
        self.rig = rig
        self.address = address
        self.agent = agent
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{rig.ports[0]}",
            transport=httpx.HTTPTransport(
                local_address=address, limits=httpx.Limits(max_keepalive_connections=0)
            ),
            headers={"User-Agent": agent},
            timeout=30,
        )

    def read(self, path: str) -> str:
        """A page that must be there, redirects followed."""
        answer = self.http.get(path, follow_redirects=True)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        return answer.text

    def send(self, path: str, **fields: object) -> httpx.Response:
        """A form of the site with its token."""
        token = {"csrfmiddlewaretoken": self.http.cookies["csrftoken"]}
        return self.http.post(path, data={**token, **fields})

    def sign_up(self, name: str) -> str:
        """By the forms, with proof of work and two words asked back; returns the phrase."""
        challenge = found(r'<wt-proof challenge="([^"]+)"', self.read("/sign-up/"))
        said = self.send("/sign-up/", name=name, proof=solve(challenge), next="/")
        assert said.headers["location"] == "/sign-up/phrase/"
        shown = found(r'(?s)<ol[^>]*id="phrase-words".*?</ol>', self.read("/sign-up/phrase/"))
        words = re.findall(r"<li>(\w+)</li>", shown)
        assert len(words) == 12
        asked = re.findall(r'name="word_(\d+)"', self.read("/sign-up/check/"))
        answers = {f"word_{number}": words[int(number) - 1] for number in asked}
        assert self.send("/sign-up/check/", **answers).status_code == 302
        return " ".join(words)

    def log_out(self) -> None:
        assert self.send("/log-out/").status_code == 302

    def log_in(self, phrase: str) -> None:
        self.read("/log-in/")
        assert self.send("/log-in/phrase/", phrase=phrase).headers["location"] == "/"
        self.read("/")

    def begin(self, file: Path) -> tuple[str, str]:
        """Announce a file and create its upload at the gateway; key and the upload's address."""
        size = file.stat().st_size
        self.read("/upload/")
        announced = self.send("/upload/start/", name=file.name, size=size)
        assert announced.status_code == 201, announced.text
        made = self.http.post(
            announced.json()["endpoint"], headers={**TUS, "Upload-Length": str(size)}
        )
        assert made.status_code == 201, made.text
        return announced.json()["key"], made.headers["location"]

    def patch(self, place: str, offset: int, body: bytes) -> httpx.Response:
        return self.http.patch(place, content=body, headers={**BYTES, "Upload-Offset": str(offset)})

    def upload(self, file: Path) -> str:
        """All of it by tus, in two pieces; the film's key."""
        key, place = self.begin(file)
        data = file.read_bytes()
        half = len(data) // 2
        for offset, piece in ((0, data[:half]), (half, data[half:])):
            assert self.patch(place, offset, piece).status_code == 204
        return key

    def wait_for(self, key: str, *, seconds: float = 90) -> str:
        """Until one's own film is published; its CID."""
        deadline = time.monotonic() + seconds
        while 'class="cid"' not in (page := self.read(f"/watch/{key}/")):
            assert time.monotonic() < deadline, "the film was not published in time"
            time.sleep(0.5)
        return found(r'<code id="cid">(\w+)</code>', page)

    def change(self, key: str, **details: object) -> None:
        """The form of a film's details, with a title and these details."""
        self.read(f"/watch/{key}/edit/")
        fields = {"title": "Storm at sea", "visibility": "public", **details}
        saved = self.send(f"/watch/{key}/edit/", **fields)
        assert saved.status_code == 302, saved.text

    def prefix(self, key: str) -> str:
        """Where a player finds this film now."""
        answer = self.http.get(f"/watch/{key}/grant/")
        assert answer.status_code == 200, answer.text
        return str(answer.json()["prefix"])

    def pay(self, key: str) -> None:
        """Press the button that says the price."""
        price = found(r'name="price" value="(\d+)"', self.read(f"/watch/{key}/"))
        assert self.send(f"/watch/{key}/pay/", price=price).status_code == 302


def found(pattern: str, page: str) -> str:
    """The pattern's group, or all of it; it must be there."""
    match = re.search(pattern, page)
    assert match, f"{pattern} is not in {page[:2000]}"
    return unescape(match[match.lastindex or 0])

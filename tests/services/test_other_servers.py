"""A film's whole way and the money for it, on Redis and on PostgreSQL as on what comes along."""

from pathlib import Path
from urllib.parse import urljoin

import pytest

from script.drills.rig import Rig
from tests.services.listening import listen
from tests.services.person import Person, found

pytestmark = [pytest.mark.services, pytest.mark.timeout(300)]

LEDGER = 'from django.core.management import call_command; call_command("ledger", "{}")'


def test_a_film_is_made_by_a_worker_on_redis_and_its_page_is_told(
    rig_on_redis: Rig, film: Path
) -> None:
    alice = Person(rig_on_redis)
    alice.sign_up("alice")
    key, place = alice.begin(film)
    told = []
    with listen(alice, f"video.{key}") as tab:
        assert tab.status.startswith("HTTP/1.1 101")
        assert alice.patch(place, 0, film.read_bytes()).status_code == 204
        for message in tab.messages(seconds=90):
            told.append(message)
            if "Published" in message:
                break

    assert len(told) > 2
    assert "Published" in told[-1]
    assert plays(alice, key)
    assert not rig_on_redis.processes("broker")


def test_nobody_else_hears_of_it(rig_on_redis: Rig, film: Path) -> None:
    alice, bob = Person(rig_on_redis), Person(rig_on_redis)
    alice.sign_up("alice-of-the-rooms")
    bob.sign_up("bob-of-the-rooms")
    key, _place = alice.begin(film)
    for stranger in (bob, Person(rig_on_redis)):
        with listen(stranger, f"video.{key}") as tab:
            assert not tab.status.startswith("HTTP/1.1 101")


def test_two_people_and_the_books_on_postgresql_and_redis(rig_on_servers: Rig, film: Path) -> None:
    rig = rig_on_servers
    alice, bob, carol = Person(rig), Person(rig), Person(rig)
    for person, name in ((alice, "alice"), (bob, "bob"), (carol, "carol")):
        person.sign_up(name)
    key = alice.upload(film)
    alice.wait_for(key)
    alice.change(key, title="A storm in a teacup", price="0.5")
    assert f"/watch/{key}/" in bob.read("/search/?q=teacup")
    for viewer in (bob, carol):
        assert viewer.http.get(f"/watch/{key}/grant/").status_code == 403
        viewer.pay(key)
        assert viewer.send(f"/watch/{key}/pay/", price="50000000").status_code == 302
        assert plays(viewer, key)

    rig.shell(LEDGER.format("rollup"))
    said = rig.shell(LEDGER.format("check"))
    assert "The books are right" in said
    assert "2 charges, 0 to settle" in said
    assert "9.5" in found(r"(?s)<main.*</main>", bob.read("/wallet/"))
    assert not (rig.folder / "wetube.sqlite3").exists()
    assert not rig.processes("broker")


def plays(person: Person, key: str) -> bool:
    """Playlists and the progressive file come through the gateway."""
    prefix = person.prefix(key)
    master = person.http.get(f"{prefix}/master.m3u8")
    named = [line for line in master.text.splitlines() if line and not line.startswith("#")]
    answers = [person.http.get(urljoin(str(master.url), name)) for name in named]
    whole = person.http.get(f"{prefix}/progressive.mp4")
    return bool(named) and all(each.status_code == 200 for each in [master, whole, *answers])

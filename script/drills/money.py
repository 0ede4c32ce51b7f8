"""Everybody pays twice at once while site and worker die: every drop is accounted for."""

import random
import sys
import tempfile
import time
from pathlib import Path

from bench.report import note, report
from script.drills import books, films
from script.drills.rig import Rig, running
from script.drills.viewers import Crowd

VIEWERS = 12
PRICE = 12_345
SITE_DIES = 4
STRIKES = 4
BACKLOG = 10_000  # as many as one roll-up takes
END_WITHIN = 300.0
STARTS_WITHIN = 4.0  # a worker's process is there before it takes tasks

# Many charges by a few calls of the till's own batches; then the roll-up, shot while it works.
STRIKE = """
import os, signal, time
from wetube.cloudcoin import batch
from wetube.cloudcoin.models import Charge
from wetube.cloudcoin.tasks import roll_up
from wetube.people.models import User
payer, payee = User.objects.get(name="viewer-0"), User.objects.get(name="drill")
name = "backlog-{number}"
for begin in range(0, {count}, 500):
    orders = [
        batch.Order(payer, payee, 7, f"{{name}}:{{turn}}", name)
        for turn in range(begin, min(begin + 500, {count}))
    ]
    batch.settle(orders)
    [order.result() for order in orders]
roll_up.delay()
time.sleep({pause})
os.kill({victim}, signal.SIGKILL)
print(Charge.objects.unsettled().count())
"""


def main() -> int:
    with tempfile.TemporaryDirectory() as folder, running() as rig:
        film = _for_sale(rig, films.draw(Path(folder) / "film.mp4", seconds=3))
        with Crowd(rig, VIEWERS, film=film, price=PRICE) as crowd:
            for _death in range(SITE_DIES):
                _kill_both(rig, crowd)
        fine = _judge(rig, crowd)
        fine += _backlog(rig, crowd)
    return int(not all(fine))


def _for_sale(rig: Rig, film: Path) -> str:
    key = rig.client.upload(film)
    rig.until(lambda: rig.ended(key), END_WITHIN, "the film is published")
    rig.client.ask("PATCH", f"/videos/{key}", {"price": PRICE})
    return key


def _kill_both(rig: Rig, crowd: Crowd) -> None:
    """The site in the middle of payments, and the worker that settles them."""
    enough = crowd.confirmed + 2 * VIEWERS
    rig.until(lambda: crowd.confirmed >= enough, END_WITHIN, "people pay")
    time.sleep(random.uniform(0.0, 1.0))  # noqa: S311 - any moment will do
    hit = rig.kill("site"), rig.kill("worker")
    note("kill -9 of site and worker", f"{hit} after {crowd.confirmed} confirmed clicks")
    rig.until(rig.client.is_served, END_WITHIN, "the site answers again")


def _judge(rig: Rig, crowd: Crowd) -> list[bool]:
    note("confirmed clicks", f"{crowd.confirmed} by {VIEWERS} viewers, each sent twice")
    return [*crowd.judge(), *books.settled(rig)]


def _backlog(rig: Rig, crowd: Crowd) -> list[bool]:
    """The worker dies at any moment of rolling up many charges."""
    for number in range(STRIKES):
        rig.until(lambda: bool(rig.processes("worker")), END_WITHIN, "the worker is there")
        time.sleep(STARTS_WITHIN)
        (victim,) = rig.processes("worker")
        pause = round(random.uniform(0.0, 0.1), 3)  # noqa: S311 - any moment will do
        strike = STRIKE.format(number=number, count=BACKLOG, pause=pause, victim=victim)
        note(
            f"kill -9 {pause} s into a roll-up",
            f"{rig.shell(strike).strip()} of {BACKLOG} were not settled",
        )
    return [*books.settled(rig), report("charges in the backlogs", _seeded(rig), BACKLOG * STRIKES)]


def _seeded(rig: Rig) -> int:
    return int(
        rig.rows("SELECT count(*) FROM cloudcoin_charge WHERE subject LIKE 'backlog-%'")[0][0]
    )


if __name__ == "__main__":
    sys.exit(main())

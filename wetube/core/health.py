"""Is everything all right? Each app says how to check what it stands on."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from redis.exceptions import RedisError


class Verdict(Enum):
    GOOD = "good"
    WEAK = "weak"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """What a check saw; `says` is a sentence, with what to do unless all is good."""

    verdict: Verdict
    says: str


Check = Callable[[], Finding]


@dataclass(frozen=True)
class Row:
    """A check and what it found."""

    label: str
    verdict: str
    says: str


_checks: dict[str, tuple[str | Promise, Check]] = {}


def watch(name: str, label: str | Promise, check: Check) -> None:
    """Have `check` run with the others; apps call it in their `ready`."""
    _checks[name] = (label, check)


def look() -> list[Row]:
    """Run every check. A check that breaks is itself a bad finding."""
    rows = []
    for label, check in _checks.values():
        try:
            found = check()
        except Exception as error:  # noqa: BLE001 - the edge: whatever broke is the finding
            found = Finding(Verdict.BAD, f"{type(error).__name__}: {error}")
        rows.append(Row(str(label), found.verdict.value, found.says))
    return rows


def _database() -> Finding:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return Finding(Verdict.BAD, _("The tables are old. Run manage.py migrate."))
    return Finding(Verdict.GOOD, connection.vendor)


def _broker() -> Finding:
    try:
        cache.set("health", 1, timeout=5)
    except (RedisError, OSError):
        says = _("The broker does not answer: videos wait, pages do not move by themselves.")
        return Finding(Verdict.BAD, says)
    return Finding(Verdict.GOOD, _("It answers."))


watch("database", gettext_lazy("Database"), _database)
watch("broker", gettext_lazy("Broker, rooms and cache"), _broker)

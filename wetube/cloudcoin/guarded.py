"""Rows that hold money: written once, changed only where they say so, deleted never."""

from typing import Any, ClassVar, NoReturn, TypeVar

from django.db import models


class MoneyRowsStay(TypeError):
    """Somebody tried to rewrite or delete a row of the books; post a new journal instead."""


Row = TypeVar("Row", bound="MoneyRow")


class MoneyQuerySet(models.QuerySet[Row]):
    """Refuses what would rewrite history; `update` may touch the model's MUTABLE columns."""

    def update(self, **changes: Any) -> int:
        fixed = changes.keys() - self.model.MUTABLE
        if fixed:
            raise MoneyRowsStay(f"{self.model.__name__}: {', '.join(sorted(fixed))} may not change")
        return super().update(**changes)

    def bulk_update(self, *_rows: object, **_options: object) -> NoReturn:
        raise MoneyRowsStay(f"{self.model.__name__} rows may not be saved over")

    def delete(self) -> NoReturn:
        raise MoneyRowsStay(f"{self.model.__name__} rows may not be deleted")


class MoneyRow(models.Model):
    """What every model of the books is: once saved, an instance may not be saved over."""

    MUTABLE: ClassVar[frozenset[str]] = frozenset()

    class Meta:
        abstract = True

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            raise MoneyRowsStay(f"{self!r} may not be saved over")
        super().save(*args, **options)

    def delete(self, *_args: Any, **_options: Any) -> NoReturn:
        raise MoneyRowsStay(f"{self!r} may not be deleted")


def rewritten(rows: models.QuerySet[Row], **changes: Any) -> int:
    """The one way past the guard, for the ledger's own moves: one plain UPDATE."""
    return models.QuerySet.update(rows, **changes)

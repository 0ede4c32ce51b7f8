"""Content stays while somebody holds it and is open while somebody holds it open."""

import pytest

from wetube.content import doors, network
from wetube.content.models import Content, Delivery, Name, Pin

pytestmark = pytest.mark.django_db


def kept(holder: str, data: bytes = b"bytes", *, is_open: bool = False) -> str:
    cid = network.store_bytes([data])
    network.keep(cid, size=len(data), holder=holder, is_open=is_open)
    return cid


def test_what_is_kept_can_be_read() -> None:
    assert network.read(kept("video:a", b"hello"), 1, 3) == b"ell"


def test_a_content_is_open_while_any_holder_says_so() -> None:
    cid = kept("video:a", is_open=True)
    kept("video:b")
    assert doors._is_open(cid)

    network.set_open("video:a", is_open=False)

    assert not doors._is_open(cid)


def test_closing_one_holders_pin_leaves_the_others_open() -> None:
    cid = kept("video:a", is_open=True)
    kept("video:b", is_open=True)

    network.set_open("video:b", is_open=False)

    assert doors._is_open(cid)


def test_keeping_twice_is_keeping_once() -> None:
    kept("video:a")
    kept("video:a", is_open=True)

    assert Content.objects.count() == 1
    assert Pin.objects.get().is_open


def test_what_nobody_holds_is_forgotten_and_what_somebody_holds_stays() -> None:
    mine, ours = kept("video:a", b"one"), kept("video:b", b"two")
    network.let_go("video:a")

    network.reconcile()

    assert not Content.objects.filter(cid=mine).exists()
    pinned = {pin.cid for pin in network.engine().pins(name=network.PIN_NAME)}
    assert pinned == {ours}


def test_letting_go_of_all_but_one() -> None:
    old, new = kept("video:a", b"old"), kept("video:a", b"new")

    network.let_go("video:a", but=new)

    assert [pin.content.cid for pin in Pin.objects.all()] == [new]
    assert old != new


def test_a_name_moves_and_keeps_what_it_names() -> None:
    first, second = network.store_bytes([b"1"]), network.store_bytes([b"2"])
    network.point("preview:a", first, is_open=False)
    network.point("preview:a", second, is_open=True)

    network.reconcile()

    assert doors._resolve("preview:a") == second
    assert doors._is_name_open("preview:a")
    assert Name.objects.count() == 1
    assert network.engine().has(second)


def test_delivered_bytes_add_up() -> None:
    doors._add_up({"k": 5})
    doors._add_up({"k": 7, "l": 1})

    assert Delivery.objects.get(key="k").size == 12

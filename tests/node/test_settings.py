"""What an operator decides is read as it was meant, kept, or refused with the setting's name."""

import ssl
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from gateway.node import amounts, benchmark, certificates, flags
from gateway.node.amounts import BadAmount
from gateway.node.benchmark import Speeds
from gateway.node.certificates import BadCertificate
from gateway.node.config import BadConfig, Config, Listen
from gateway.node.space import SPARE, Space
from node_bridge.network.descriptions import Prices
from node_bridge.network.identity import Identity

GATEWAY = {"gateway": "https://gateway.example"}
GIB = 1 << 30
FULL: dict[str, Any] = {
    **GATEWAY,
    "gateway_id": Identity.create().peer_id,
    "listen": "[::1]:4443",
    "urls": ["https://node.example:4443"],
    "quota": "200 GB",
    "bandwidth": "50 Mbit/s",
    "bandwidth_in": "5 MB/s",
    "hours": "22-6",
    "free_reads": True,
    "slots": 2,
    "payout": "0x" + "aB" * 20,
    "certificate": "/etc/cert.pem",
    "key": "/etc/key.pem",
    "prices": {"storage": "0.05", "delivery": "0.01", "compute": {"720": "0.001", "av1.1": "2"}},
}


@pytest.mark.parametrize(
    ("text", "count"),
    [("0", 0), ("1", 1), ("200 GB", 200 * 10**9), ("1.5 GiB", 3 << 29), ("7kB", 7000)],
)
def test_sizes(text: str, count: int) -> None:
    assert amounts.size(text) == count


@given(st.integers(0, 1 << 60))
def test_a_size_reads_back_exactly(count: int) -> None:
    assert amounts.size(amounts.exact_size(count)) == count


@pytest.mark.parametrize(
    ("text", "count"),
    [("unlimited", 0), ("50 Mbit/s", 6_250_000), ("1 MB/s", 10**6), ("8 kbit/s", 1000)],
)
def test_rates(text: str, count: int) -> None:
    assert amounts.rate(text) == count


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("always", ()),
        ("22-2", (0, 1, 22, 23)),
        ("8-9", (8,)),
        ("12-24", range(12, 24)),
    ],
)
def test_hours(text: str, hours: Any) -> None:
    assert amounts.hours(text) == tuple(hours)
    assert amounts.hours(amounts.hours_text(tuple(hours))) == tuple(hours)


@pytest.mark.parametrize("text", ["", "2T", "-5 GB", "5 GB more", "1e9", "9" * 20])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(BadAmount):
        amounts.size(text)


@pytest.mark.parametrize("text", ["", "0-24", "24-3", "5-5", "5", "-1-3"])
def test_what_are_no_hours_is_refused(text: str) -> None:
    with pytest.raises(BadAmount):
        amounts.hours(text)


@given(st.integers(0, 1 << 50))
def test_a_price_reads_back_exactly(drops: int) -> None:
    assert amounts.coin(amounts.coin_text(drops)) == drops


@pytest.mark.parametrize("text", ["", "-1", "1e99", "NaN", "Infinity", "0.000000001", "five"])
def test_what_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(BadAmount):
        amounts.coin(text)


@given(st.text(max_size=20))
def test_nonsense_is_named_and_nothing_else(text: str) -> None:
    for read in (amounts.size, amounts.rate, amounts.hours, amounts.coin):
        try:
            read(text)
        except BadAmount:
            continue


def test_the_file_reads_back_as_it_was_written(tmp_path: Path) -> None:
    config = Config.of(tmp_path, FULL)
    config.save()
    assert Config.load(tmp_path) == config


def test_flags_win_over_the_file_and_are_kept(tmp_path: Path) -> None:
    Config.of(tmp_path, FULL).save()
    said = flags.parser().parse_args(
        ["--quota", "1 GB", "--storage-price", "0.07", "--compute-price", "720=0.5"]
    )
    config = Config.load(tmp_path, flags.settings(said))
    assert config.quota == 10**9
    assert config.prices == Prices(7_000_000, 1_000_000, {"720": 50_000_000})
    assert config.hours == amounts.hours("22-6")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"gateway": ""}, "--gateway"),
        ({"gateway": "http://gateway.example"}, "gateway"),
        ({"gateway": "https://gateway.example/path"}, "gateway"),
        ({"listen": "4443"}, "listen"),
        ({"listen": "0.0.0.0:70000"}, "listen"),
        ({"urls": ["http://node.example"]}, "urls"),
        ({"urls": "https://node.example"}, "urls"),
        ({"quota": 5}, "quota"),
        ({"quota": "lots"}, "quota"),
        ({"bandwidth": "0 Mbit/s"}, "bandwidth"),
        ({"hours": "25-3"}, "hours"),
        ({"slots": -1}, "slots"),
        ({"slots": True}, "slots"),
        ({"free_reads": "yes"}, "free_reads"),
        ({"payout": "me"}, "payout"),
        ({"prices": {"storage": 5}}, "prices"),
        ({"prices": {"other": "5"}}, "prices"),
        ({"certificate": "/a.pem"}, "both or neither"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(BadConfig, match=why):
        Config.of(tmp_path, {**GATEWAY, **wrong})


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    (tmp_path / "node.toml").write_text("quota = ")
    with pytest.raises(BadConfig, match=r"node\.toml"):
        Config.load(tmp_path)


def test_a_node_says_where_it_is_reached(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="--url"):
        _ = Config.of(tmp_path, GATEWAY).public_urls
    local = Config.of(tmp_path, {**GATEWAY, "listen": "[::1]:44"})
    assert local.listen == Listen("::1", 44)
    assert local.public_urls == ("https://[::1]:44",)


def test_room_is_what_quota_and_disk_leave() -> None:
    assert Space(quota=100, promised=30, stored=30, disk_free=10**9).free == 70
    assert Space(quota=100, promised=130, stored=30, disk_free=10**9).free == 0
    short = Space(quota=10**12, promised=500, stored=100, disk_free=SPARE + 1000)
    assert (short.free, short.is_disk_short) == (600, True)
    assert Space(quota=10**12, promised=0, stored=0, disk_free=SPARE - 1).free == 0


def test_an_own_certificate_stays_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    made = certificates.own(tmp_path, "node")
    assert certificates.own(tmp_path, "node") == made
    assert made.key.stat().st_mode & 0o777 == 0o600
    shown = ssl.PEM_cert_to_DER_cert(made.certificate.read_text())
    assert made.digest == sha256(shown).hexdigest()


def test_a_certificate_without_its_key_is_made_anew(tmp_path: Path) -> None:
    made = certificates.own(tmp_path, "node")
    made.key.unlink()
    anew = certificates.own(tmp_path, "node")
    assert anew.digest != made.digest
    x509.load_pem_x509_certificate(anew.certificate.read_bytes())


def test_a_given_certificate_is_checked(tmp_path: Path) -> None:
    made = certificates.own(tmp_path, "node")
    assert certificates.given(made.certificate, made.key).digest == made.digest
    with pytest.raises(BadCertificate):
        certificates.given(made.certificate, tmp_path / "none")
    made.certificate.write_text("no certificate")
    with pytest.raises(BadCertificate):
        certificates.given(made.certificate, made.key)


def test_what_a_machine_could_earn_is_what_its_offer_is_worth(tmp_path: Path) -> None:
    said = {**GATEWAY, "quota": "1024 GiB", "bandwidth": "8 Mbit/s", "hours": "0-12", "slots": 1}
    config = Config.of(tmp_path, said)
    speeds = Speeds(disk=1e9, hashing=1e9, encoding=2.0, disk_free=10 * GIB + SPARE)
    worth = benchmark.earnings(config, speeds, Prices(100, 7, {"720": 3}))
    seconds = 15 * 86_400
    assert worth.storage == 1000  # what the disk truly has
    assert worth.delivery == 7 * 10**6 * seconds // GIB
    assert worth.compute == 3 * 2 * seconds
    text = benchmark.report(config, speeds, Prices(100, 7, {"720": 3}), 0.25)
    assert f"about {amounts.coin_text(worth.total // 4)} CLD a month" in text
    assert "Nobody promises" in text


def test_nothing_is_counted_that_is_not_known(tmp_path: Path) -> None:
    config = Config.of(tmp_path, {**GATEWAY, "slots": 1})
    speeds = Speeds(disk=1e9, hashing=1e9, encoding=None, disk_free=0)
    worth = benchmark.earnings(config, speeds, Prices(100, 7, {"720": 3}))
    assert worth.total == 0
    assert "about" not in benchmark.report(config, speeds, Prices(1, 1, {}), None)


@pytest.mark.parametrize("said", [{}, {"prices": 5}, {"prices": {"storage": "x"}}, {"in_use": 7}])
def test_a_gateways_nonsense_prices_are_not_used(said: dict[str, Any]) -> None:
    own = Prices(1, 2, {})
    assert benchmark.asked_prices(said, own) == (own, None)

"""Order, time, refusals and contracts of the world: as on anvil, so on the embedded chain."""

from typing import Any

import eth_account
import pytest
from eth_abi.abi import decode, encode
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from tests.chains.servers import RpcFault, TestChain
from tests.cloudchain.coins import call_data
from wetube.cloudchain import canonical

pytestmark = pytest.mark.chain


def test_nonces_wait_for_those_before_them(chain: TestChain, account: LocalAccount) -> None:
    other = eth_account.Account.create().address
    first, second, third = (
        chain.sign(account, nonce=nonce, to=other, value=1 + nonce, gas=21_000)
        for nonce in range(3)
    )
    late = [chain.rpc("eth_sendRawTransaction", raw) for raw in (third, second)]
    assert chain.rpc("eth_getTransactionReceipt", late[0]) is None
    assert chain.rpc("eth_getTransactionByHash", late[0])["blockHash"] is None
    assert chain.balance(other) == 0

    chain.receipt(chain.rpc("eth_sendRawTransaction", first))
    assert [int(chain.receipt(name)["status"], 16) for name in late] == [1, 1]
    assert chain.balance(other) == 1 + 2 + 3


@pytest.mark.parametrize(
    ("words", "fields"),
    [
        ("nonce too low", {"nonce": 0}),
        ("(?i)insufficient funds", {"value": 10**19}),
        ("intrinsic gas too low|call gas cost exceeds", {"gas": 20_999}),
        ("exceeds block gas limit|intrinsic gas too high", {"gas": 30_000_001}),
        ("chain id", {"chainId": 1}),
        ("(?i)priority fee", {"maxPriorityFeePerGas": 10**12, "maxFeePerGas": 10**11}),
        (
            "max fee per gas less than block base fee",
            {"maxPriorityFeePerGas": 0, "maxFeePerGas": 1},
        ),
        ("initcode size", {"to": "", "data": b"\0" * 49_153, "gas": 3_000_000}),
    ],
)
def test_refused_transactions_move_nothing(
    chain: TestChain, account: LocalAccount, words: str, fields: dict[str, Any]
) -> None:
    chain.send(account, to=account.address, gas=21_000)
    number, balance = chain.number(), chain.balance(account.address)
    raw = chain.sign(account, **{"to": chain.rich.address, "value": 1, "gas": 21_000, **fields})
    with pytest.raises(RpcFault, match=words):
        chain.rpc("eth_sendRawTransaction", raw)
    assert (chain.number(), chain.balance(account.address)) == (number, balance)


def test_the_same_contracts_stand_at_the_same_places(chain: TestChain) -> None:
    for address, code in canonical.contracts().items():
        assert chain.rpc("eth_getCode", address, "latest") == f"0x{code.hex()}"


def test_anybody_may_deploy_to_an_address_known_before(
    chain: TestChain, account: LocalAccount
) -> None:
    salt, init = b"\5" * 32, bytes.fromhex("602a5f526001601ff3")  # its code will be 0x2a
    hashed = keccak(b"\xff" + bytes.fromhex(canonical.DEPLOYER[2:]) + salt + keccak(init))
    address = "0x" + hashed[12:].hex()
    receipt = chain.send(account, to=canonical.DEPLOYER, data=salt + init, gas=200_000)
    assert receipt["status"] == "0x1"
    assert chain.rpc("eth_getCode", address, "latest") == "0x2a"
    again = chain.send(account, to=canonical.DEPLOYER, data=salt + init, gas=200_000)
    assert again["status"] == "0x0"


def test_many_calls_by_one(chain: TestChain, coin: str, account: LocalAccount) -> None:
    calls = [
        (coin, call_data("balanceOf(address)", account.address)),
        (coin, call_data("transfer(address,uint256)", account.address, 5)),
    ]
    data = keccak(text="tryAggregate(bool,(address,bytes)[])")[:4] + encode(
        ["bool", "(address,bytes)[]"], [False, calls]
    )
    found = chain.rpc(
        "eth_call", {"to": canonical.CONTRACTS["Multicall"], "data": "0x" + data.hex()}
    )
    (results,) = decode(["(bool,bytes)[]"], bytes.fromhex(found[2:]))
    assert [ok for ok, _ in results] == [True, False]
    assert int.from_bytes(results[0][1], "big") == 1000


def test_time_is_the_clocks_and_never_goes_back(chain: TestChain) -> None:
    now = bytes.fromhex("425f5260205ff3")  # returns the timestamp
    where = f"0x{'11' * 20}"
    call = [{"to": where}, "latest", {where: {"code": "0x" + now.hex()}}]
    chain.mine()
    times = [int(chain.rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16)]
    for _ in range(3):
        chain.mine()
        times.append(int(chain.rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16))
    assert times == sorted(times)
    snapshot = chain.snapshot()
    chain.warp(3600)
    assert int(chain.rpc("eth_call", *call), 16) >= times[-1] + 3600
    chain.revert(snapshot)


def test_going_back_undoes_blocks_and_logs(
    chain: TestChain, account: LocalAccount, coin: str
) -> None:
    snapshot, number = chain.snapshot(), chain.number()
    data = call_data("transfer(address,uint256)", chain.rich.address, 5)
    undone = chain.send(account, to=coin, data=data)
    chain.revert(snapshot)
    assert chain.number() == number
    assert chain.rpc("eth_getTransactionReceipt", undone["transactionHash"]) is None
    assert len(chain.rpc("eth_getLogs", {"fromBlock": "0x0", "address": coin})) == 1
    again = chain.send(account, to=coin, data=data)
    assert again["status"] == "0x1"
    assert len(chain.rpc("eth_getLogs", {"fromBlock": "0x0", "address": coin})) == 2


def test_an_estimate_is_enough_and_close(
    chain: TestChain, account: LocalAccount, coin: str
) -> None:
    other = eth_account.Account.create().address
    data = call_data("transfer(address,uint256)", other, 5)
    call = {"from": account.address, "to": coin, "data": "0x" + data.hex()}
    estimate = int(chain.rpc("eth_estimateGas", call), 16)
    receipt = chain.send(account, to=coin, data=data, gas=estimate)
    assert receipt["status"] == "0x1"
    assert int(receipt["gasUsed"], 16) <= estimate <= int(receipt["gasUsed"], 16) * 1.05

"""What holds on anvil holds on the embedded chain: the same answers to the same questions."""

import json
from typing import Any

import eth_account
import pytest
from eth_abi.abi import decode, encode
from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from tests.chains.servers import RpcFault, TestChain
from wetube.cloudchain import artifacts, canonical

pytestmark = pytest.mark.chain
TRANSFER = "0x" + keccak(text="Transfer(address,address,uint256)").hex()
ADDED = {
    "blobGasPrice",
    "blobGasUsed",
    "blockTimestamp",
    "totalDifficulty",
    "parentBeaconBlockRoot",
}


def call_data(signature: str, *values: Any) -> bytes:
    kinds = signature.partition("(")[2].rstrip(")").split(",")
    return keccak(text=signature)[:4] + encode(kinds if values else [], values)


def topic(address: str) -> str:
    return "0x" + address[2:].lower().rjust(64, "0")


def deploy(chain: TestChain, account: LocalAccount, *, coins: int = 1000) -> str:
    """A Cloudcoin whose coins are all the account's."""
    code = artifacts.load("Cloudcoin").bytecode + encode(["address"], [account.address])
    made = chain.send(account, data=code, gas=5_000_000)
    address = to_checksum_address(made["contractAddress"])
    chain.send(account, to=address, data=call_data("mint(address,uint256)", account.address, coins))
    return address


@pytest.fixture
def account(chain: TestChain) -> LocalAccount:
    return chain.somebody()


@pytest.fixture
def coin(chain: TestChain, account: LocalAccount) -> str:
    return deploy(chain, account)


def test_blocks_transactions_and_receipts_have_the_same_parts(
    embedded: TestChain, anvil: TestChain
) -> None:
    shown: dict[str, list[set[str]]] = {}
    for chain in (embedded, anvil):
        account = chain.somebody()
        receipt = chain.send(
            account,
            to=deploy(chain, account),
            data=call_data("transfer(address,uint256)", chain.rich.address, 1),
        )
        name = receipt["transactionHash"]
        block = chain.rpc("eth_getBlockByHash", receipt["blockHash"], True)
        found = chain.rpc("eth_getTransactionByHash", name)
        assert block["transactions"] == [found]
        assert chain.rpc("eth_getBlockReceipts", receipt["blockNumber"]) == [receipt]
        parts = (block, found, receipt, receipt["logs"][0])
        shown[chain.kind] = [set(part) - ADDED for part in parts]
    assert shown["embedded"] == shown["anvil"]


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_each_kind_of_transaction(chain: TestChain, account: LocalAccount, kind: int) -> None:
    other = eth_account.Account.create().address
    listed = [{"address": other, "storageKeys": ["0x" + "00" * 32]}]
    extra: dict[str, Any] = {"accessList": listed} if kind else {}
    receipt = chain.send(account, type=kind, to=other, value=7, gas=60_000, **extra)
    found = chain.rpc("eth_getTransactionByHash", receipt["transactionHash"])

    assert receipt["status"] == "0x1"
    assert receipt["type"] == found["type"] == hex(kind)
    assert found.get("accessList", []) == (
        [] if not kind else [{"address": other.lower(), "storageKeys": ["0x" + "00" * 32]}]
    )
    assert int(receipt["gasUsed"], 16) == (21_000 if not kind else 25_300)
    assert chain.balance(other) == 7
    paid = int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)
    assert chain.balance(account.address) == 10**18 - 7 - paid


def test_a_failed_transaction_is_in_a_block_and_costs_gas(
    chain: TestChain, account: LocalAccount, coin: str
) -> None:
    stranger = chain.somebody()
    data = call_data("transfer(address,uint256)", account.address, 5)
    receipt = chain.send(stranger, to=coin, data=data)
    assert receipt["status"] == "0x0"
    assert receipt["logs"] == []
    assert chain.balance(stranger.address) < 10**18


def test_a_call_that_reverts_says_so_with_its_data(
    chain: TestChain, account: LocalAccount, coin: str
) -> None:
    call = {
        "to": coin,
        "data": "0x" + call_data("transfer(address,uint256)", account.address, 5).hex(),
    }
    for method in ("eth_call", "eth_estimateGas"):
        with pytest.raises(RpcFault, match="execution reverted") as refusal:
            chain.rpc(method, {**call, "from": chain.rich.address})
        assert refusal.value.code == 3
        assert refusal.value.data
        assert refusal.value.data.startswith("0xe450d38c")  # ERC20InsufficientBalance


def test_a_sentence_a_contract_reverts_with_is_in_the_message(chain: TestChain) -> None:
    words = bytes.fromhex("08c379a0") + encode(["string"], ["no such luck"])
    code = _reverting_with(words)
    with pytest.raises(RpcFault, match="execution reverted: no such luck") as refusal:
        chain.rpc(
            "eth_call", {"to": f"0x{'11' * 20}"}, "latest", {f"0x{'11' * 20}": {"code": code}}
        )
    assert refusal.value.data == "0x" + words.hex()


def _reverting_with(words: bytes) -> str:
    """Code that copies what follows it and reverts with that."""
    head = bytes.fromhex(f"61{len(words):04x}600e5f3961{len(words):04x}5ffd")
    return "0x" + (head.ljust(14, b"\0") + words).hex()


def test_state_can_be_another_for_one_call(chain: TestChain, coin: str) -> None:
    who = eth_account.Account.create().address
    place = "0x" + keccak(encode(["address", "uint256"], [who, 0])).hex()
    call = {"to": coin, "data": "0x" + call_data("balanceOf(address)", who).hex()}
    change = {coin: {"stateDiff": {place: "0x" + "2a".rjust(64, "0")}}}
    rich = {who: {"balance": hex(10**20)}}

    assert int(chain.rpc("eth_call", call, "latest", change), 16) == 42
    assert int(chain.rpc("eth_call", call, "latest"), 16) == 0
    assert (
        chain.rpc("eth_call", {"from": who, "to": who, "value": hex(10**19)}, "latest", rich)
        == "0x"
    )
    with pytest.raises(RpcFault):
        chain.rpc("eth_call", {"from": who, "to": who, "value": hex(10**19)}, "latest")
    assert chain.balance(who) == 0


def test_the_past_can_be_asked(chain: TestChain, account: LocalAccount, coin: str) -> None:
    before = hex(chain.number())
    block = chain.rpc("eth_getBlockByNumber", before, False)
    chain.send(account, to=coin, data=call_data("transfer(address,uint256)", chain.rich.address, 9))
    call = {"to": coin, "data": "0x" + call_data("balanceOf(address)", account.address).hex()}

    assert int(chain.rpc("eth_call", call, "latest"), 16) == 991
    assert int(chain.rpc("eth_call", call, before), 16) == 1000
    assert int(chain.rpc("eth_call", call, {"blockHash": block["hash"]}), 16) == 1000
    assert chain.rpc("eth_getTransactionCount", account.address, before) == "0x2"
    assert chain.rpc("eth_getTransactionCount", account.address, "latest") == "0x3"
    assert chain.rpc("eth_getCode", coin, "0x0") == "0x"
    assert len(chain.rpc("eth_getCode", coin, "latest")) > 1000


@pytest.mark.parametrize("tag", ["latest", "safe", "finalized", "pending", "earliest"])
def test_every_tag_has_a_block(chain: TestChain, tag: str) -> None:
    block = chain.rpc("eth_getBlockByNumber", tag, False)
    assert int(block["gasLimit"], 16) == 30_000_000
    assert chain.rpc("eth_getBalance", chain.rich.address, tag)


def test_what_is_not_there_is_null(chain: TestChain) -> None:
    nowhere = "0x" + "12" * 32
    assert chain.rpc("eth_getBlockByNumber", "0xffffff", False) is None
    assert chain.rpc("eth_getBlockByHash", nowhere, False) is None
    assert chain.rpc("eth_getTransactionByHash", nowhere) is None
    assert chain.rpc("eth_getTransactionReceipt", nowhere) is None
    with pytest.raises(RpcFault):
        chain.rpc("eth_getBalance", chain.rich.address, "0xffffff")


def test_logs_are_found_by_whom_and_what(
    chain: TestChain, account: LocalAccount, coin: str
) -> None:
    first = chain.number()
    others = [eth_account.Account.create().address for _ in range(3)]
    receipts = [
        chain.send(account, to=coin, data=call_data("transfer(address,uint256)", other, 1 + number))
        for number, other in enumerate(others)
    ]
    everywhere = {"fromBlock": "0x0", "toBlock": "latest", "address": coin}

    def amounts(**search: Any) -> list[int]:
        found = chain.rpc("eth_getLogs", {**everywhere, **search})
        return [int(log["data"], 16) for log in found]

    assert amounts() == [1000, 1, 2, 3]
    assert amounts(fromBlock=hex(first + 1)) == [1, 2, 3]
    assert amounts(topics=[TRANSFER, topic(account.address)]) == [1, 2, 3]
    assert amounts(topics=[None, None, topic(others[1])]) == [2]
    assert amounts(topics=[TRANSFER, None, [topic(others[0]), topic(others[2])]]) == [1, 3]
    assert amounts(topics=[[TRANSFER, topic(coin)]]) == [1000, 1, 2, 3]
    assert amounts(topics=[topic(coin)]) == []
    assert amounts(address=[coin, others[0]], topics=[]) == [1000, 1, 2, 3]
    assert amounts(address=others[0]) == []
    by_hash = chain.rpc("eth_getLogs", {"blockHash": receipts[1]["blockHash"]})
    assert by_hash == receipts[1]["logs"]
    assert int(receipts[1]["logs"][0]["logIndex"], 16) == 0


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


def test_a_batch_is_answered_in_its_order(chain: TestChain) -> None:
    asked = [
        {"jsonrpc": "2.0", "id": "a", "method": "eth_chainId", "params": []},
        {"jsonrpc": "2.0", "id": 2, "method": "eth_nothing", "params": []},
        {"jsonrpc": "2.0", "id": 3, "method": "net_version", "params": []},
    ]
    first, second, third = json.loads(chain.post(json.dumps(asked).encode()))
    assert (first["id"], int(first["result"], 16)) == ("a", chain.chain_id)
    assert (second["id"], second["error"]["code"]) == (2, -32601)
    assert (third["id"], third["result"]) == (3, str(chain.chain_id))


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

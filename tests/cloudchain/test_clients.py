"""The world's own clients use each chain alike: deploy, pay, read logs, decode refusals."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from eth_account.signers.local import LocalAccount
from hexbytes import HexBytes
from web3 import Web3
from web3.exceptions import ContractCustomError, TransactionNotFound, Web3RPCError

from tests.chains.servers import ROOT, TestChain
from wetube.cloudchain import artifacts

pytestmark = pytest.mark.chain
HERE = Path(__file__).parent
COIN = artifacts.BUILD / "Cloudcoin.json"


def run(script: str, chain: TestChain, key: str) -> dict[str, Any]:
    """What a script for Node saw."""
    command = ["node", str(HERE / script), chain.url, str(chain.chain_id), key, str(COIN)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def secret_of(account: LocalAccount) -> str:
    return f"0x{bytes(account.key).hex()}"


def check(seen: dict[str, Any]) -> None:
    """What both scripts must have seen."""
    assert seen["logs"] == [[seen["account"], seen["other"], 7]]
    assert seen["seen"] == 2
    assert seen["balances"] == [993, 7]
    assert seen["inBlock"] == [seen["paid"]]
    assert seen["from"].lower() == seen["account"].lower()
    assert 0 < seen["gas"] <= seen["used"]
    assert seen["plainGas"] == 21_000
    assert seen["feesAreEnough"]


def test_viem(chain: TestChain) -> None:
    seen = run("viem_client.mjs", chain, secret_of(chain.somebody()))

    check(seen)
    assert seen["status"] == "success"
    assert seen["atDeployment"] == 0
    assert "ERC20InsufficientBalance" in seen["custom"]
    assert "InsufficientFundsError" in seen["poor"]
    assert "NonceTooLowError" in seen["old"]
    assert seen["history"] == 3


def test_ethers(chain: TestChain) -> None:
    seen = run("ethers_client.mjs", chain, secret_of(chain.somebody()))

    check(seen)
    assert seen["status"] == 1
    assert seen["custom"] == "ERC20InsufficientBalance"
    assert seen["poor"] == "INSUFFICIENT_FUNDS"
    assert seen["old"] == "NONCE_EXPIRED"
    assert seen["network"] == chain.chain_id


def test_web3(chain: TestChain) -> None:
    web3 = Web3(Web3.HTTPProvider(chain.url))
    account, other = chain.somebody(), chain.somebody(0)
    parts = artifacts.load("Cloudcoin")
    factory = web3.eth.contract(abi=parts.abi, bytecode=parts.bytecode)

    def sent(call: Any) -> Any:
        call = call.build_transaction(
            {"from": account.address, "nonce": web3.eth.get_transaction_count(account.address)}
        )
        raw = account.sign_transaction(call).raw_transaction
        return web3.eth.wait_for_transaction_receipt(
            web3.eth.send_raw_transaction(raw), timeout=10, poll_latency=0.02
        )

    deployed = sent(factory.constructor(account.address))
    coin = web3.eth.contract(deployed["contractAddress"], abi=parts.abi)
    sent(coin.functions.mint(account.address, 1000))
    paid = sent(coin.functions.transfer(other.address, 7))
    found = coin.events.Transfer().get_logs(
        from_block=deployed["blockNumber"], argument_filters={"to": other.address}
    )

    assert web3.is_connected()
    assert paid["status"] == 1
    assert [dict(log["args"]) for log in found] == [
        {"from": account.address, "to": other.address, "value": 7}
    ]
    assert coin.functions.balanceOf(other.address).call() == 7
    before = paid["blockNumber"] - 1
    assert coin.functions.balanceOf(other.address).call(block_identifier=before) == 0
    assert web3.eth.get_block(paid["blockNumber"])["transactions"] == [paid["transactionHash"]]
    assert web3.eth.fee_history(2, "latest", [50])["baseFeePerGas"]
    with pytest.raises(ContractCustomError) as refusal:
        coin.functions.transfer(account.address, 8).call({"from": other.address})
    assert refusal.value.data is not None
    assert str(refusal.value.data).startswith("0xe450d38c")  # ERC20InsufficientBalance
    with pytest.raises(TransactionNotFound):
        web3.eth.get_transaction_receipt(HexBytes(b"\1" * 32))
    raw = account.sign_transaction(
        {
            "to": other.address,
            "value": 1,
            "nonce": 0,
            "gas": 21_000,
            "gasPrice": chain.fee(),
            "chainId": chain.chain_id,
        }
    ).raw_transaction
    with pytest.raises(Web3RPCError, match="nonce too low"):
        web3.eth.send_raw_transaction(raw)
    assert web3.eth.get_balance(other.address) == 0

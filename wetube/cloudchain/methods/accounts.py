"""What an address has: coin, nonce, code, storage. No account is unlocked here."""

from wetube.cloudchain import params, showing
from wetube.cloudchain.evm import Account
from wetube.cloudchain.methods.desk import Desk, Method
from wetube.cloudchain.params import Params


def _accounts(desk: Desk, given: Params) -> list[str]:
    return []


def _balance(desk: Desk, given: Params) -> str:
    return hex(_account(desk, given).balance)


def _nonce(desk: Desk, given: Params) -> str:
    return hex(_account(desk, given).nonce)


def _code(desk: Desk, given: Params) -> str:
    return showing.data(_account(desk, given).code)


def _storage(desk: Desk, given: Params) -> str:
    address = given.need(0, params.address)
    place = given.need(1, params.slot)
    header = desk.state(given.may(2, params.block_tag, "latest"))
    return showing.data(desk.evm.storage(header.state_root, address, place).to_bytes(32, "big"))


def _account(desk: Desk, given: Params) -> Account:
    address = given.need(0, params.address)
    header = desk.state(given.may(1, params.block_tag, "latest"))
    return desk.evm.account(header.state_root, address)


METHODS: dict[str, Method] = {
    "eth_accounts": _accounts,
    "eth_getBalance": _balance,
    "eth_getTransactionCount": _nonce,
    "eth_getCode": _code,
    "eth_getStorageAt": _storage,
}

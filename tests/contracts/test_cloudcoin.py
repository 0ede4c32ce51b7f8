"""The coin: who can make it, who can move it, and which signatures it takes."""

from dataclasses import replace
from typing import Any

import pytest

from tests.contracts.contract import Contract, Refused
from tests.contracts.funded import funded
from tests.contracts.machine import Machine, Ran
from tests.contracts.signing import AUTHORIZATION, PERMIT, Person, digest, malleable, person
from tests.contracts.wallets import accepting, refusing
from tests.contracts.world import CLD, MAKER, PEOPLE, STRANGER, World

pytestmark = pytest.mark.chain

CAP = 21_000_000 * CLD
FOREVER = 2**256 - 1
NONCE = b"\x07" * 32  # random: any 32 bytes will do
PARTS = "(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)"
WHOLE = "(address,address,uint256,uint256,uint256,bytes32,bytes)"
ANN, BOB, *_ = PEOPLE

Signed = tuple[bytes, bytes, int, int, int, bytes]


@pytest.fixture
def there() -> World:
    world = funded(100 * CLD)
    world.give(ANN.address, 10 * CLD)
    return world


def test_it_is_called_by_its_name_and_counts_in_drops(there: World) -> None:
    assert there.coin.ask("name") == "Cloudcoin"
    assert there.coin.ask("symbol") == "CLD"
    assert there.coin.ask("decimals") == 8
    assert there.coin.ask("CAP") == CAP


def test_nobody_owns_it_and_nobody_can_stop_it(there: World) -> None:
    names = {entry["name"].lower() for entry in there.coin.abi if entry["type"] == "function"}
    for word in ("owner", "admin", "role", "pause", "upgrade", "blacklist", "setminter"):
        assert not [name for name in names if word in name]


def test_only_the_mint_makes_coin(there: World) -> None:
    for caller in (MAKER, ANN, STRANGER):
        with there.coin.refuses("NotMinter"):
            there.coin.send(caller.address, "mint", caller.address, 1)


def test_there_is_never_more_than_the_cap() -> None:
    machine, minter = Machine(), MAKER.address
    coin = Contract.make(machine, minter, "Cloudcoin", minter)
    coin.send(minter, "mint", ANN.address, CAP - 1)
    with coin.refuses("AboveCap"):
        coin.send(minter, "mint", ANN.address, 2)
    with coin.refuses("AboveCap"):
        coin.send(minter, "mint", ANN.address, FOREVER)
    coin.send(minter, "mint", ANN.address, 1)
    assert coin.ask("totalSupply") == CAP


def test_a_coin_without_a_minter_is_not_made() -> None:
    with pytest.raises(Refused, match="NoMinter"):
        Contract.make(Machine(), MAKER.address, "Cloudcoin", bytes(20))


def test_what_is_burnt_is_gone(there: World) -> None:
    there.coin.send(ANN.address, "burn", 3 * CLD)
    assert there.balance(ANN.address) == 7 * CLD
    assert there.coin.ask("totalSupply") == 97 * CLD
    with there.coin.refuses("ERC20InsufficientBalance"):
        there.coin.send(ANN.address, "burn", 8 * CLD)
    with there.coin.refuses("ERC20InsufficientAllowance"):
        there.coin.send(BOB.address, "burnFrom", ANN.address, 1)


def test_a_permit_is_an_allowance_by_signature_once(there: World) -> None:
    values = (ANN.address, BOB.address, CLD, 0, FOREVER)
    signature = ANN.sign(digest(("Cloudcoin", there.coin.address), "Permit", PERMIT, values))
    r, s, v = signature[:32], signature[32:64], signature[64]
    words = (ANN.address, BOB.address, CLD, FOREVER, v, r, s)
    there.coin.send(STRANGER.address, "permit", *words)
    there.coin.send(BOB.address, "transferFrom", ANN.address, BOB.address, CLD)
    assert there.balance(BOB.address) == CLD
    with there.coin.refuses("ERC2612InvalidSigner"):
        there.coin.send(STRANGER.address, "permit", *words)


@pytest.mark.parametrize("form", [PARTS, WHOLE])
def test_a_signed_transfer_is_carried_by_anybody_once(there: World, form: str) -> None:
    signed = _signed(there)
    _carry(there, form, signed, ANN)
    assert there.balance(BOB.address) == CLD
    assert there.coin.ask("authorizationState", ANN.address, NONCE) is True
    for again in (PARTS, WHOLE):
        with there.coin.refuses("ERC3009UsedAuthorization"):
            _carry(there, again, signed, ANN)


@pytest.mark.parametrize("place", range(6))
def test_nothing_of_a_signed_transfer_can_be_changed(there: World, place: int) -> None:
    """From, to, value, both times and the nonce are all in what was signed."""
    signed = _signed(there, after=5, before=there.machine.now + 100)
    others: Signed = (BOB.address, STRANGER.address, CLD + 1, 6, FOREVER, b"\x08" * 32)
    changed: Any = (*signed[:place], others[place], *signed[place + 1 :])
    signature = ANN.sign(_digest(there, "TransferWithAuthorization", signed))
    for form in (PARTS, WHOLE):
        with there.coin.refuses("ERC3009InvalidSignature"):
            _send(there, "transferWithAuthorization", form, changed, signature)


@pytest.mark.parametrize("form", [PARTS, WHOLE])
def test_a_signed_transfer_has_its_time(there: World, form: str) -> None:
    now = there.machine.now
    for after, before in ((now, FOREVER), (now + 1, FOREVER), (0, now), (0, now - 1)):
        with there.coin.refuses("ERC3009InvalidAuthorizationTime"):
            _carry(there, form, _signed(there, after=after, before=before), ANN)
    _carry(there, form, _signed(there, after=now - 1, before=now + 1), ANN)


@pytest.mark.parametrize("form", [PARTS, WHOLE])
def test_what_is_for_the_receiver_to_carry_no_one_else_carries(there: World, form: str) -> None:
    signed = _signed(there)
    signature = ANN.sign(_digest(there, "ReceiveWithAuthorization", signed))
    with there.coin.refuses("ERC20InvalidReceiver"):
        _send(there, "receiveWithAuthorization", form, signed, signature)
    with there.coin.refuses("ERC3009InvalidSignature"):  # of one verb, used for the other
        _send(there, "transferWithAuthorization", form, signed, signature)
    _send(there, "receiveWithAuthorization", form, signed, signature, by=BOB)
    assert there.balance(BOB.address) == CLD


def test_a_cancelled_nonce_is_used_up(there: World) -> None:
    fields = "address authorizer,bytes32 nonce"
    domain = ("Cloudcoin", there.coin.address)
    word = digest(domain, "CancelAuthorization", fields, (ANN.address, NONCE))
    whole = "cancelAuthorization(address,bytes32,bytes)"
    with there.coin.refuses("ERC3009InvalidSignature"):
        there.coin.send(BOB.address, whole, ANN.address, NONCE, BOB.sign(word))
    there.coin.send(BOB.address, whole, ANN.address, NONCE, ANN.sign(word))
    with there.coin.refuses("ERC3009UsedAuthorization"):
        _carry(there, WHOLE, _signed(there), ANN)


def test_one_form_of_a_signature_is_taken_and_no_other(there: World) -> None:
    signed = _signed(there)
    signature = ANN.sign(_digest(there, "TransferWithAuthorization", signed))
    for form, other in malleable(signature).items():
        with there.coin.refuses("ERC3009InvalidSignature"):
            _send(there, "transferWithAuthorization", WHOLE, signed, other)
        if len(other) == 65:
            with pytest.raises(Refused, match=r"ECDSAInvalidSignature"):
                _send(there, "transferWithAuthorization", PARTS, signed, other)
        assert there.balance(BOB.address) == 0, form


def test_a_wallet_that_is_a_contract_signs_by_its_code(there: World) -> None:
    """For the form with `bytes` alone; a key's own signature counts for nothing there."""
    wallet = replace(person(77), address=b"\x77" * 20)
    there.give(wallet.address, 2 * CLD)
    signed = _signed(there, of=wallet)
    word = _digest(there, "TransferWithAuthorization", signed)
    there.machine.put({wallet.address: refusing()})
    with there.coin.refuses("ERC3009InvalidSignature"):
        _send(there, "transferWithAuthorization", WHOLE, signed, wallet.sign(word))
    there.machine.put({wallet.address: accepting(word)})
    _send(there, "transferWithAuthorization", WHOLE, signed, b"any word will do")
    assert there.balance(BOB.address) == CLD
    other = (*signed[:5], b"\x08" * 32)
    with there.coin.refuses("ERC3009InvalidSignature"):
        _send(there, "transferWithAuthorization", WHOLE, other, b"any word will do")


def test_nobody_signs_for_the_zero_address(there: World) -> None:
    signed = _signed(there, of=replace(ANN, address=bytes(20)), value=0)
    for signature in (bytes(65), ANN.sign(bytes(32)), b""):
        with there.coin.refuses("ERC3009InvalidSignature"):
            _send(there, "transferWithAuthorization", WHOLE, signed, signature)


def _signed(
    there: World, *, of: Person = ANN, value: int = CLD, after: int = 0, before: int = FOREVER
) -> Signed:
    return (of.address, BOB.address, value, after, before, NONCE)


def _digest(there: World, verb: str, signed: Signed) -> bytes:
    return digest(("Cloudcoin", there.coin.address), verb, AUTHORIZATION, signed)


def _carry(there: World, form: str, signed: Signed, signer: Person) -> None:
    signature = signer.sign(_digest(there, "TransferWithAuthorization", signed))
    _send(there, "transferWithAuthorization", form, signed, signature)


def _send(
    there: World, verb: str, form: str, signed: Signed, signature: bytes, *, by: Person = STRANGER
) -> Ran:
    parts = (signature[64], signature[:32], signature[32:64]) if form == PARTS else (signature,)
    return there.coin.send(by.address, verb + form, *signed, *parts)

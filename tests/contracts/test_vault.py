"""The vault: its gateway shares no more than it holds, and nobody needs it to be paid."""

import pytest

from tests.contracts.contract import Contract, Refused
from tests.contracts.funded import funded
from tests.contracts.machine import Ran
from tests.contracts.trees import PayoutTree, payout_tree
from tests.contracts.world import CLD, MAKER, PEOPLE, POSTER, RELAYER, STRANGER, World

pytestmark = pytest.mark.chain

ANN, BOB, CYD, *_ = (one.address for one in PEOPLE)
TREE = payout_tree({ANN: 70 * CLD, BOB: 20 * CLD, CYD: 10 * CLD})


@pytest.fixture
def there() -> World:
    world = funded(1000 * CLD)
    world.give(world.vault.address, 100 * CLD)
    return world


def test_everybody_gets_what_the_tree_says_whoever_carries_it(there: World) -> None:
    _post(there, 1, TREE)
    for who, share in ((ANN, 70 * CLD), (BOB, 20 * CLD), (CYD, 10 * CLD)):
        ran = there.vault.send(STRANGER.address, "claim", who, share, TREE.proofs[who])
        (paid,) = there.vault.events(ran)
        assert paid.name == "Paid"
        assert bytes.fromhex(paid.arguments["who"][2:]) == who
        assert (paid.arguments["amount"], paid.arguments["cumulative"]) == (share, share)
        assert there.balance(who) == there.vault.ask("paid", who) == share
    assert there.balance(there.vault.address) == 0
    assert there.balance(STRANGER.address) == 0
    assert there.vault.ask("paidTotal") == there.vault.ask("total") == 100 * CLD


def test_the_same_leaf_is_paid_once(there: World) -> None:
    _post(there, 1, TREE)
    there.vault.send(ANN, "claim", ANN, 70 * CLD, TREE.proofs[ANN])
    with there.vault.refuses("NothingDue"):
        there.vault.send(ANN, "claim", ANN, 70 * CLD, TREE.proofs[ANN])


def test_a_later_tree_pays_what_was_added(there: World) -> None:
    _post(there, 1, TREE)
    there.vault.send(ANN, "claim", ANN, 70 * CLD, TREE.proofs[ANN])
    there.give(there.vault.address, 50 * CLD)
    later = payout_tree({ANN: 100 * CLD, BOB: 40 * CLD, CYD: 10 * CLD})
    _post(there, 2, later)
    there.vault.send(ANN, "claim", ANN, 100 * CLD, later.proofs[ANN])
    there.vault.send(BOB, "claim", BOB, 40 * CLD, later.proofs[BOB])
    assert (there.balance(ANN), there.balance(BOB)) == (100 * CLD, 40 * CLD)
    assert there.vault.ask("root") == later.root
    assert there.vault.ask("seqOf", TREE.root) == 1


def test_a_promise_is_good_for_ever(there: World) -> None:
    """Neither the next root nor one that leaves somebody out takes back what was posted."""
    _post(there, 1, TREE)
    there.give(there.vault.address, 50 * CLD)
    _post(there, 2, payout_tree({ANN: 100 * CLD, BOB: 50 * CLD}))
    there.vault.send(CYD, "claim", CYD, 10 * CLD, TREE.proofs[CYD])
    there.vault.send(ANN, "claim", ANN, 70 * CLD, TREE.proofs[ANN])
    assert (there.balance(CYD), there.balance(ANN)) == (10 * CLD, 70 * CLD)


def test_nobody_claims_with_the_proof_of_another(there: World) -> None:
    _post(there, 1, TREE)
    for who, share, proof in (
        (BOB, 70 * CLD, TREE.proofs[ANN]),
        (ANN, 70 * CLD + 1, TREE.proofs[ANN]),
        (ANN, 70 * CLD, TREE.proofs[BOB]),
        (ANN, 70 * CLD, []),
        (ANN, 70 * CLD, [*TREE.proofs[ANN], bytes(32)]),
        (STRANGER.address, 1, [TREE.root]),
    ):
        with there.vault.refuses("WrongProof"):
            there.vault.send(STRANGER.address, "claim", who, share, proof)


def test_an_inner_node_is_no_leaf(there: World) -> None:
    """Its 64 bytes would read as (address, amount) if leaves were hashed once."""
    _post(there, 1, TREE)
    leaf, above = TREE.proofs[ANN][0], TREE.proofs[ANN][1:]
    who, amount = leaf[12:], int.from_bytes(leaf, "big")
    with there.vault.refuses("WrongProof"):
        there.vault.send(STRANGER.address, "claim", who, amount, above)


def test_before_the_first_root_nobody_has_a_claim(there: World) -> None:
    with there.vault.refuses("WrongProof"):
        there.vault.send(ANN, "claim", ANN, 1, [])


def test_many_are_paid_at_once_and_nobody_can_spoil_it(there: World) -> None:
    """Who was quicker with one claim of the batch has only been paid earlier."""
    _post(there, 1, TREE)
    there.vault.send(BOB, "claim", BOB, 20 * CLD, TREE.proofs[BOB])
    ran = _claim_many(there.vault, [ANN, BOB, CYD, ANN], [70, 20, 10, 70])
    assert [event.arguments["amount"] for event in there.vault.events(ran)] == [70 * CLD, 10 * CLD]
    assert [there.balance(who) for who in (ANN, BOB, CYD)] == [70 * CLD, 20 * CLD, 10 * CLD]
    assert there.vault.ask("paidTotal") == 100 * CLD


def test_one_wrong_proof_in_a_batch_pays_nobody(there: World) -> None:
    _post(there, 1, TREE)
    with there.vault.refuses("WrongProof"):
        _claim_many(there.vault, [ANN, BOB], [70, 21])
    with there.vault.refuses("LengthsDiffer"):
        there.vault.send(ANN, "claimMany", [ANN], [70 * CLD], [])
    with there.vault.refuses("LengthsDiffer"):
        there.vault.send(ANN, "claimMany", [ANN], [], [TREE.proofs[ANN]])


def test_only_the_poster_names_roots(there: World) -> None:
    for caller in (MAKER.address, STRANGER.address, ANN):
        with there.vault.refuses("NotPoster"):
            there.vault.send(caller, "post", 1, TREE.root, TREE.total)


def test_roots_come_one_after_the_other(there: World) -> None:
    for number in (0, 2, 2**64 - 1):
        with there.vault.refuses("WrongSeq"):
            there.vault.send(POSTER.address, "post", number, TREE.root, TREE.total)
    _post(there, 1, TREE)
    with there.vault.refuses("WrongSeq"):  # a second post of the same says so and moves nothing
        there.vault.send(POSTER.address, "post", 1, TREE.root, TREE.total)
    assert there.vault.ask("seq") == 1


def test_a_total_never_falls_and_is_never_more_than_was_held(there: World) -> None:
    with there.vault.refuses("Uncovered"):
        there.vault.send(POSTER.address, "post", 1, TREE.root, 100 * CLD + 1)
    with there.vault.refuses("Uncovered"):
        there.vault.send(POSTER.address, "post", 1, TREE.root, 2**256 - 1)
    _post(there, 1, TREE)
    with there.vault.refuses("TotalFell"):
        there.vault.send(POSTER.address, "post", 2, TREE.root, 100 * CLD - 1)
    there.vault.send(ANN, "claim", ANN, 70 * CLD, TREE.proofs[ANN])
    with there.vault.refuses("Uncovered"):  # held and paid together are still 100
        there.vault.send(POSTER.address, "post", 2, TREE.root, 100 * CLD + 1)
    there.vault.send(POSTER.address, "post", 2, TREE.root, 100 * CLD)


def test_leaves_above_their_total_are_not_paid_from_what_others_bring(there: World) -> None:
    """A contract cannot add up a tree, but it pays no more than the total that came with it."""
    there.give(there.vault.address, 100 * CLD)
    there.vault.send(POSTER.address, "post", 1, TREE.root, 80 * CLD)
    there.vault.send(ANN, "claim", ANN, 70 * CLD, TREE.proofs[ANN])
    with there.vault.refuses("AboveTotal"):
        there.vault.send(BOB, "claim", BOB, 20 * CLD, TREE.proofs[BOB])
    there.vault.send(CYD, "claim", CYD, 10 * CLD, TREE.proofs[CYD])


def test_a_vault_that_pays_itself_would_cover_roots_twice(there: World) -> None:
    itself = there.vault.address
    _post(there, 1, tree := payout_tree({itself: 50 * CLD, ANN: 50 * CLD}))
    with there.vault.refuses("NotToItself"):
        there.vault.send(RELAYER, "claim", itself, 50 * CLD, tree.proofs[itself])
    there.vault.send(RELAYER, "claim", ANN, 50 * CLD, tree.proofs[ANN])
    with there.vault.refuses("Uncovered"):
        there.vault.send(POSTER.address, "post", 2, TREE.root, 100 * CLD + 1)


@pytest.mark.parametrize("place", [0, 1])
def test_a_vault_has_a_token_and_a_poster(there: World, place: int) -> None:
    words = [there.coin.address, POSTER.address]
    words[place] = bytes(20)
    with pytest.raises(Refused, match="NobodyThere"):
        Contract.make(there.machine, MAKER.address, "GatewayVault", *words)


def _post(there: World, number: int, tree: PayoutTree) -> None:
    ran = there.vault.send(POSTER.address, "post", number, tree.root, tree.total)
    (posted,) = there.vault.events(ran)
    assert posted.arguments == {"seq": number, "root": tree.root, "total": tree.total}


def _claim_many(vault: Contract, who: list[bytes], shares: list[int]) -> Ran:
    proofs = [TREE.proofs[one] for one in who]
    return vault.send(STRANGER.address, "claimMany", who, [n * CLD for n in shares], proofs)

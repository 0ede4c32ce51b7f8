"""The mint: a schedule nobody can hurry, shares that witnesses sign, roots that never queue."""

import pytest

from tests.contracts.contract import Contract, Refused
from tests.contracts.funded import post
from tests.contracts.machine import BEGINNING, Machine
from tests.contracts.signing import malleable
from tests.contracts.trees import PayoutTree, payout_tree
from tests.contracts.world import (
    CHALLENGE,
    CLD,
    EPOCH,
    HALVING,
    MAKER,
    PEOPLE,
    REWARD,
    STRANGER,
    THRESHOLD,
    WITNESSES,
    World,
    deploy,
    world,
)

pytestmark = pytest.mark.chain

ANN, BOB, CYD, *_ = (one.address for one in PEOPLE)
OVER = 1000  # epochs, at the beginning of each world
TREE = payout_tree({ANN: 100 * CLD, BOB: 50 * CLD})
LATER = payout_tree({ANN: 130 * CLD, BOB: 50 * CLD, CYD: 20 * CLD})


@pytest.fixture
def there() -> World:
    return world()


@pytest.fixture
def slow() -> World:
    """A mint whose roots wait an hour."""
    return world(challenge=CHALLENGE)


def test_the_schedule_is_bitcoins(there: World) -> None:
    def scheduled(epoch: int) -> int:
        return int(there.mint.ask("scheduled", epoch))

    assert scheduled(0) == 0
    assert scheduled(1) == 50 * CLD
    assert scheduled(HALVING) == 10_500_000 * CLD
    assert scheduled(HALVING + 1) == 10_500_025 * CLD
    assert scheduled(4 * HALVING) == 19_687_500 * CLD
    assert scheduled(40 * HALVING) == scheduled(2**64 - 1) == 2_099_999_997_690_000
    assert there.mint.ask("epochsOver") == OVER


def test_shares_are_minted_for_whoever_the_witnesses_signed(there: World) -> None:
    ran = post(there.mint, OVER, TREE)
    (posted,) = there.mint.events(ran)
    assert posted.arguments["total"] == 150 * CLD
    there.mint.send(STRANGER.address, "claim", ANN, 100 * CLD, TREE.proofs[ANN])
    assert there.balance(ANN) == there.mint.ask("claimed", ANN) == 100 * CLD
    assert there.mint.ask("minted") == there.coin.ask("totalSupply") == 100 * CLD
    with there.mint.refuses("NothingDue"):
        there.mint.send(ANN, "claim", ANN, 100 * CLD, TREE.proofs[ANN])
    with there.mint.refuses("WrongProof"):
        there.mint.send(BOB, "claim", BOB, 100 * CLD, TREE.proofs[ANN])


def test_a_proof_is_good_for_ever(there: World) -> None:
    """Whoever comes late with an old proof gets what it says, and the rest with a new one."""
    post(there.mint, OVER - 1, TREE)
    post(there.mint, OVER, LATER)
    there.mint.send(CYD, "claim", CYD, 20 * CLD, LATER.proofs[CYD])
    there.mint.send(ANN, "claim", ANN, 100 * CLD, TREE.proofs[ANN])
    there.mint.send(ANN, "claim", ANN, 130 * CLD, LATER.proofs[ANN])
    with there.mint.refuses("NothingDue"):
        there.mint.send(ANN, "claim", ANN, 100 * CLD, TREE.proofs[ANN])
    many = ([ANN, BOB, CYD], [130 * CLD, 50 * CLD, 20 * CLD])
    there.mint.send(STRANGER.address, "claimMany", *many, [LATER.proofs[w] for w in many[0]])
    assert [there.balance(who) for who in many[0]] == many[1]
    with there.mint.refuses("LengthsDiffer"):
        there.mint.send(STRANGER.address, "claimMany", *many, [])


def test_an_old_proof_is_good_even_when_more_was_minted_than_its_root_says(there: World) -> None:
    post(there.mint, OVER - 1, TREE)
    post(there.mint, OVER, LATER)
    for who, sum_so_far in ((ANN, 130 * CLD), (CYD, 20 * CLD)):
        there.mint.send(who, "claim", who, sum_so_far, LATER.proofs[who])
    assert there.mint.ask("minted") == TREE.total
    there.mint.send(BOB, "claim", BOB, 50 * CLD, TREE.proofs[BOB])
    assert there.balance(BOB) == 50 * CLD


def test_an_epoch_has_to_be_over(there: World) -> None:
    with there.mint.refuses("EpochNotOver"):
        post(there.mint, OVER + 1, TREE)
    there.machine.wait(EPOCH - 1)
    with there.mint.refuses("EpochNotOver"):
        post(there.mint, OVER + 1, TREE)
    there.machine.wait(1)
    post(there.mint, OVER + 1, TREE)


def test_nothing_is_signed_above_the_schedule(there: World) -> None:
    """Of the epoch it is for, not of today."""
    with there.mint.refuses("AboveSchedule"):
        post(there.mint, 10, payout_tree({ANN: 10 * REWARD + 1}))
    post(there.mint, 10, payout_tree({ANN: 10 * REWARD}))


def test_epochs_rise_and_totals_never_fall(there: World) -> None:
    post(there.mint, 10, TREE)
    for epoch in (10, 9, 0):
        with there.mint.refuses("EpochPosted"):
            post(there.mint, epoch, LATER)
    with there.mint.refuses("TotalFell"):
        post(there.mint, 11, payout_tree({ANN: TREE.total - 1}))
    with there.mint.refuses("BadRoot"):
        post(there.mint, 11, TREE)
    with there.mint.refuses("BadRoot"):
        post(there.mint, 11, PayoutTree(bytes(32), {}, TREE.total))


def test_as_many_different_witnesses_sign_as_must(there: World) -> None:
    ann, _bob, cyd = WITNESSES
    for by, error in (
        ((), "TooFewSignatures"),
        ((ann,), "TooFewSignatures"),
        ((ann, ann), "BadSignature"),
        ((ann, STRANGER), "BadSignature"),
        ((ann, cyd, STRANGER), "BadSignature"),
    ):
        with there.mint.refuses(error):
            post(there.mint, OVER, TREE, by=by)
    post(there.mint, OVER, TREE, by=(cyd, ann))


def test_a_signature_is_for_one_epoch_root_and_total(there: World) -> None:
    digest = there.mint.ask("postDigest", OVER, TREE.root, TREE.total)
    signed = [witness.sign(digest) for witness in WITNESSES]
    for words in (
        (OVER - 1, TREE.root, TREE.total),
        (OVER, LATER.root, TREE.total),
        (OVER, TREE.root, TREE.total + 1),
    ):
        with there.mint.refuses("BadSignature"):
            there.mint.send(STRANGER.address, "post", *words, signed)
    _coin, other = deploy(there.machine, start=BEGINNING - OVER * EPOCH)
    with other.refuses("BadSignature"):  # nor for another mint with the same witnesses
        other.send(STRANGER.address, "post", OVER, TREE.root, TREE.total, signed)


def test_one_form_of_a_signature_is_taken(there: World) -> None:
    words = (OVER, TREE.root, TREE.total)
    digest = there.mint.ask("postDigest", *words)
    one, two = (witness.sign(digest) for witness in WITNESSES[:2])
    for form, other in malleable(two).items():
        before = there.machine.root
        with pytest.raises(Refused, match="ECDSAInvalidSignature"):
            there.mint.send(STRANGER.address, "post", *words, [one, other])
        assert there.machine.root == before, form


def test_no_root_waits_for_a_waiting_one(slow: World) -> None:
    post(slow.mint, OVER - 2, TREE)
    post(slow.mint, OVER - 1, LATER)
    with slow.mint.refuses("WrongProof"):
        slow.mint.send(ANN, "claim", ANN, 100 * CLD, TREE.proofs[ANN])
    slow.machine.wait(CHALLENGE)
    slow.mint.send(ANN, "claim", ANN, 100 * CLD, TREE.proofs[ANN])
    slow.mint.send(ANN, "claim", ANN, 130 * CLD, LATER.proofs[ANN])
    assert slow.balance(ANN) == 130 * CLD


def test_witnesses_take_back_what_they_signed_wrongly_while_it_waits(slow: World) -> None:
    wrong = payout_tree({STRANGER.address: 150 * CLD})
    post(slow.mint, OVER - 1, TREE)
    signed = _post_signatures(slow, OVER, wrong)
    post(slow.mint, OVER, wrong)
    with slow.mint.refuses("TooFewSignatures"):
        _recall(slow, wrong.root, by=1)
    _recall(slow, wrong.root)
    assert slow.mint.ask("latest") == TREE.root
    slow.machine.wait(CHALLENGE)
    with slow.mint.refuses("WrongProof"):
        slow.mint.send(STRANGER.address, "claim", STRANGER.address, 150 * CLD, [])
    with slow.mint.refuses("BadRoot"):  # what they signed then does not bring it back
        slow.mint.send(STRANGER.address, "post", OVER, wrong.root, wrong.total, signed)
    post(slow.mint, OVER, LATER)
    slow.mint.send(ANN, "claim", ANN, 100 * CLD, TREE.proofs[ANN])


def test_roots_are_taken_back_newest_first_down_to_none(slow: World) -> None:
    post(slow.mint, OVER - 1, TREE)
    post(slow.mint, OVER, LATER)
    with slow.mint.refuses("BadSignature"):
        _recall(slow, TREE.root)
    _recall(slow, LATER.root)
    _recall(slow, TREE.root)
    assert slow.mint.ask("latest") == bytes(32)
    with slow.mint.refuses("NotRecallable"):
        _recall(slow, bytes(32))


def test_a_ripe_root_stays(slow: World, there: World) -> None:
    post(slow.mint, OVER, TREE)
    slow.machine.wait(CHALLENGE)
    with slow.mint.refuses("NotRecallable"):
        _recall(slow, TREE.root)
    post(there.mint, OVER, TREE)  # where roots need not wait, none can be recalled
    with there.mint.refuses("NotRecallable"):
        _recall(there, TREE.root)


def test_leaves_above_the_total_are_never_minted(there: World) -> None:
    """Witnesses who sign a tree whose leaves add up to more get no more than they signed for."""
    post(there.mint, OVER, PayoutTree(TREE.root, TREE.proofs, 120 * CLD))
    there.mint.send(ANN, "claim", ANN, 100 * CLD, TREE.proofs[ANN])
    with there.mint.refuses("AboveTotal"):
        there.mint.send(BOB, "claim", BOB, 50 * CLD, TREE.proofs[BOB])


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"witnesses": []}, "BadWitnesses"),
        ({"witnesses": [ANN, ANN]}, "BadWitnesses"),
        ({"witnesses": [ANN, bytes(20)]}, "BadWitnesses"),
        ({"witnesses": [number.to_bytes(20, "big") for number in range(1, 257)]}, "BadWitnesses"),
        ({"threshold": 0}, "BadWitnesses"),
        ({"threshold": 4}, "BadWitnesses"),
        ({"reward": 0}, "BadSchedule"),
        ({"reward": 51 * CLD}, "BadSchedule"),
        ({"challenge": 30 * 86_400 + 1}, "ChallengeTooLong"),
        ({"minter": STRANGER.address}, "NotMyToken"),
    ],
)
def test_a_mint_that_could_not_keep_its_word_is_not_made(
    change: dict[str, object], error: str
) -> None:
    machine, maker = Machine(), MAKER.address
    minter = change.pop("minter", machine.next_address(maker, 1))
    coin = Contract.make(machine, maker, "Cloudcoin", minter)
    words = {
        "witnesses": [witness.address for witness in WITNESSES],
        "threshold": THRESHOLD,
        "start": 0,
        "reward": REWARD,
        "challenge": 0,
        **change,
    }
    with pytest.raises(Refused, match=error):
        Contract.make(machine, maker, "CloudMint", coin.address, *words.values())


def test_before_its_start_no_epoch_is_over() -> None:
    machine = Machine()
    _coin, mint = deploy(machine, start=BEGINNING + EPOCH)
    assert mint.ask("epochsOver") == 0
    with mint.refuses("EpochNotOver"):
        post(mint, 1, TREE)


def _post_signatures(there: World, epoch: int, tree: PayoutTree) -> list[bytes]:
    digest = there.mint.ask("postDigest", epoch, tree.root, tree.total)
    return [witness.sign(digest) for witness in WITNESSES]


def _recall(there: World, root: bytes, *, by: int = THRESHOLD) -> None:
    digest = there.mint.ask("recallDigest", root)
    there.mint.send(STRANGER.address, "recall", [w.sign(digest) for w in WITNESSES[:by]])

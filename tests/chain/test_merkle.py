"""The tree is the one OpenZeppelin's own package builds, leaf for leaf."""

import json
import random
import subprocess
import time
from pathlib import Path

import pytest

from wetube.chain import addresses
from wetube.chain.merkle import EmptyTree, Tree, leaf, root_by

THEIRS = """
import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
let text = ""; for await (const part of process.stdin) text += part;
const answers = JSON.parse(text).map((leaves) => {
  const tree = StandardMerkleTree.of(leaves, ["address", "uint256"]);
  return { root: tree.root, proofs: leaves.map((_, i) => tree.getProof(i)) };
});
console.log(JSON.stringify(answers));
"""


def leaves(count: int, seed: int = 1) -> list[tuple[str, int]]:
    chance = random.Random(seed)
    return [
        (addresses.checksummed(chance.randbytes(20)), chance.randrange(2**63)) for _ in range(count)
    ]


def test_roots_and_proofs_are_those_of_openzeppelin(repository: Path) -> None:
    trees = [leaves(count, count) for count in (1, 2, 3, 4, 5, 8, 13, 200)]
    trees.append([*leaves(2), *leaves(2)])  # the same leaf twice
    asked = json.dumps([[[who, str(amount)] for who, amount in tree] for tree in trees])
    done = subprocess.run(
        ["node", "--input-type=module", "-e", THEIRS],
        input=asked,
        capture_output=True,
        text=True,
        check=True,
        cwd=repository,
    )
    for tree, theirs in zip(trees, json.loads(done.stdout), strict=True):
        ours = Tree(tree)
        assert "0x" + ours.root.hex() == theirs["root"]
        for index, proof in enumerate(theirs["proofs"]):
            assert ["0x" + sibling.hex() for sibling in ours.proof(index)] == proof


def test_every_proof_leads_to_the_root_and_no_other_amount_does() -> None:
    people = leaves(77)
    tree = Tree(people)
    for index, (who, amount) in enumerate(people):
        assert root_by(tree.proof(index), leaf(who, amount)) == tree.root
        assert root_by(tree.proof(index), leaf(who, amount + 1)) != tree.root


def test_nobody_makes_no_tree() -> None:
    with pytest.raises(EmptyTree):
        Tree([])


def test_a_mistyped_payee_makes_no_tree() -> None:
    with pytest.raises(addresses.BadAddress):
        Tree([("0x1234", 5)])


@pytest.mark.chain
def test_a_hundred_thousand_payees_take_less_than_two_seconds() -> None:
    people = leaves(100_000)
    began = time.process_time()
    Tree(people)
    assert time.process_time() - began < 2

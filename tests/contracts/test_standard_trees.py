"""Proofs of OpenZeppelin's own package are paid by the vault, to the drop."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.contracts.funded import FUND, funded
from tests.contracts.signing import person
from tests.contracts.trees import payout_tree
from tests.contracts.world import CLD, POSTER, RELAYER

pytestmark = pytest.mark.chain

THEIRS = """
import { StandardMerkleTree } from "@openzeppelin/merkle-tree";
let text = ""; for await (const part of process.stdin) text += part;
const tree = StandardMerkleTree.of(JSON.parse(text), ["address", "uint256"]);
const proofs = [...tree.entries()].map(([i, [who]]) => [who, tree.getProof(i)]);
console.log(JSON.stringify({ root: tree.root, proofs }));
"""


@pytest.mark.parametrize("people", [1, 2, 7, 40])
def test_the_vault_pays_by_the_packages_proofs(repository: Path, people: int) -> None:
    there = funded(FUND)
    there.give(there.vault.address, FUND)
    shares = {person(5000 + n).address: (n + 1) * CLD // 3 for n in range(people)}
    done = subprocess.run(
        ["node", "--input-type=module", "-e", THEIRS],
        input=json.dumps([[f"0x{who.hex()}", str(share)] for who, share in shares.items()]),
        capture_output=True,
        text=True,
        check=True,
        cwd=repository,
    )
    theirs = json.loads(done.stdout)
    root = bytes.fromhex(theirs["root"][2:])
    assert root == payout_tree(shares).root
    there.vault.send(POSTER.address, "post", 1, root, sum(shares.values()))
    for name, proof in theirs["proofs"]:
        who = bytes.fromhex(name[2:])
        path = [bytes.fromhex(node[2:]) for node in proof]
        there.vault.send(RELAYER, "claim", who, shares[who], path)
    assert {who: there.balance(who) for who in shares} == shares
    assert there.vault.ask("paidTotal") == sum(shares.values())

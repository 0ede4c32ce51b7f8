"""What a witness signs: that the nodes have earned, until the end of an epoch, what a tree says."""

from typing import Any

from wetube.chain import keys
from wetube.chain.models import Deployment

_POST = {
    "Post": [
        {"name": "epoch", "type": "uint64"},
        {"name": "root", "type": "bytes32"},
        {"name": "total", "type": "uint256"},
    ]
}


def sign_post(where: Deployment, *, epoch: int, root: bytes, total: int) -> bytes:
    """Our witness's signature for CloudMint.post, 65 bytes; `total` is in drops."""
    domain: dict[str, Any] = {
        "name": "CloudMint",
        "version": "1",
        "chainId": where.chain_id,
        "verifyingContract": where.mint,
    }
    message = {"epoch": epoch, "root": root, "total": total}
    return bytes(keys.account("witness").sign_typed_data(domain, _POST, message).signature)

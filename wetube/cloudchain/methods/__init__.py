"""The JSON-RPC methods, by what they are about; each takes a Desk and its parameters."""

from wetube.cloudchain.methods import accounts, blocks, calls, fees, logs, transactions
from wetube.cloudchain.methods.desk import Desk, Method

__all__ = ["METHODS", "Desk", "Method"]

METHODS: dict[str, Method] = {
    **blocks.METHODS,
    **accounts.METHODS,
    **transactions.METHODS,
    **calls.METHODS,
    **fees.METHODS,
    **logs.METHODS,
}

"""The embedded chain: an EVM on SQLite as one process, with a JSON-RPC on loopback."""

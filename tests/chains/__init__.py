"""Two real chains for tests: our own embedded one, and anvil with the same contracts in place.

The fixtures `embedded` and `anvil` are servers for the whole session, `chain` is each in turn.
"""

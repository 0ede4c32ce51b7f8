"""Two real chains for tests: our own embedded one, and anvil with the same contracts in place.

The fixtures `embedded` and `anvil` are servers that tests share until one turns the clock;
`chain` is each in turn.
"""

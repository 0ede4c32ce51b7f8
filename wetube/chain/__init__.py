"""The way to the EVM chain the coin lives on: its node, our keys, contracts, outbox, events."""

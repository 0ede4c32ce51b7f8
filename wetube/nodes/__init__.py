"""The gateway's side of the network: who keeps what, how it is proved, and what it earns."""

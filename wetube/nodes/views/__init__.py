"""Pages of the network: for who runs nodes, for who cares whether something is kept, for all."""

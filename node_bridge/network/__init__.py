"""What gateways, nodes and clients say to each other, and how they check it."""

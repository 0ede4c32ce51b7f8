"""A node anyone can run: it keeps blocks under leases and serves them for receipts."""

"""Cloudcoin: accounts, the ledger, the till and what people see of them."""

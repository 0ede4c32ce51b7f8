"""Between the books and the chain: deposits, claims, payouts, new coin, and the nightly count."""

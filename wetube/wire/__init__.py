"""x402: how programs and wallets pay; what is asked, what is taken, and the fast way."""

"""The pages of giving: tips, the pot, what was earned, and the books of the house."""

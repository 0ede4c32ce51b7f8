"""Keeping foreign content for people: the IPFS Pinning Services API, and a page of the same."""

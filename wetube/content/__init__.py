"""Bytes known by their CID: what is kept, for whom, and who may read it."""

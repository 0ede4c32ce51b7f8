"""People: who signs in and how, their keys, their channels and whom they follow."""

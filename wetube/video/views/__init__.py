"""WeTube's pages, one module for what a person is doing there."""

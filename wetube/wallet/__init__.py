"""The wallet's pages: what one has, how it came, and how it goes out again."""

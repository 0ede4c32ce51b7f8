"""The mint's endpoints for programs, and its pages for people."""

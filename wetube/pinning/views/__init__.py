"""Pins for programs, as the Pinning Services API has them, and for people, as a page."""

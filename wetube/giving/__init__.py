"""Tips, and the monthly pot shared among those one watched."""

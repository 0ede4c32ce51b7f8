"""What every app stands on and none of them is about."""

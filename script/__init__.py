"""What stands behind the commands of this folder."""

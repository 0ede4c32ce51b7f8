"""What nodes ask of this gateway: JSON over HTTP, every request signed."""

"""Pictures and videos in and out, as numpy arrays."""

"""The networks, pure torch: no files, no pictures, no printing."""

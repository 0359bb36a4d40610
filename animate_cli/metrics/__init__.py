"""Measures of how near a result comes to the truth, and the detectors that some of them look through."""

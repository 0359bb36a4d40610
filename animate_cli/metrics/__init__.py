"""Measures of results, and the detectors they need."""

"""Whole evaluations: clips, the models or finished videos that are compared on them, and reports."""

"""Toons: a procedural data set of cartoon faces with the truth known for every pixel."""

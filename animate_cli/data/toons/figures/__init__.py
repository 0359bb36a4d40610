"""Figures: toons made of tubes in space, drawn and followed by the same few lines whatever they stand for."""

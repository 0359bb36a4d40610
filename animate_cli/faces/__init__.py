"""Faces in pictures and clips: finding them, following them, cutting them out and putting them back."""

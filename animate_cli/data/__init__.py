"""Training pairs: from folders of videos, and from the procedural toons."""

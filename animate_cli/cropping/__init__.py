"""Raw pictures and clips made ready for the model: square clips of one face each, with a manifest."""

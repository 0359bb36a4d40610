"""The main job from files to files: source and driving in, a moving picture out."""

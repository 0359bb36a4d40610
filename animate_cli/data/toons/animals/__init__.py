"""toon-animal: quadrupeds, birds and fish that walk, run, fly and swim."""

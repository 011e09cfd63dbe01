"""`make bench`: what Atelier must reach, as ratios to a floor measured in the same run."""

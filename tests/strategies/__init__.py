"""Random policies and calls: one generator, fed by a seed (agreement tables) or by Hypothesis."""

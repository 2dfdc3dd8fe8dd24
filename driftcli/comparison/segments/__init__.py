"""`--by`: the mix of segments, what drifts within each, and what the mix explains."""

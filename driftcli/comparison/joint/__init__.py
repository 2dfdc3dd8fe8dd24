"""Pairs of columns: what changed between them that neither shows by itself."""

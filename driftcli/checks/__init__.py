"""Checks: comparisons that `drift run` makes again and again, each a table of drift.toml."""

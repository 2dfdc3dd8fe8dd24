"""Distribution drift between two tabular datasets."""

__version__ = "0.1.0"

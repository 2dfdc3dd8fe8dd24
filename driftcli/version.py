"""The version of the package, which everything that is written or printed carries."""

__version__ = "0.1.0"

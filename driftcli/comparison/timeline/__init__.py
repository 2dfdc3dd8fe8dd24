"""One dataset through time: its periods, each compared with a baseline or an earlier period."""

"""The Python interface: what `driftcli` offers by its public names."""

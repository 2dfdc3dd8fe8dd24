"""The history as text: trends as a table, and scores as rows."""

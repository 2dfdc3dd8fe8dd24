"""Column summaries that are built in one stream, merge, and know their own error."""

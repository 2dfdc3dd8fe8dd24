"""Documents for the terminal: tables, pictures of letters, and the text that they are made of."""

"""How requests come in without being typed, and how results go back: files, an upstream platform, texts to paste."""

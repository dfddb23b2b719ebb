"""The WeChat account as somebody one can talk to: four words, answered at once, through the one door."""

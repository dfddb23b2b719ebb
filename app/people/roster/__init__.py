"""值班表: who is on duty for a unit when, turns that change hands, leave, and days on which nobody is left."""

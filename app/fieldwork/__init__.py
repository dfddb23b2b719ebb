"""What the unit does for the caller: contacts, visits and the grounds for none, progress reports."""

"""Daily seals over every chain of the journal, stamped by an outside authority where one is configured (A3)."""

"""Events: hash-chained audit log and outbox in one."""

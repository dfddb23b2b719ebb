"""Evidence bundles: one ticket as a file that proves itself on another machine (A3)."""

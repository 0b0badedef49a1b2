"""What an entry is, who may see it and how it is written; no I/O."""

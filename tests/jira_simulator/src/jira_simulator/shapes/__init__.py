"""Records in, the JSON of REST v2 and v3 out, each personality with its own differences."""

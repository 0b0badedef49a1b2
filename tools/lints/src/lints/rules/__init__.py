"""One file per rule; each takes a source and gives findings."""

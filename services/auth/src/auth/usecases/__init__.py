"""What auth does: one file for each thing that somebody may ask of it."""

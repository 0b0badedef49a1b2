"""What may be asked of API tokens: one file for each thing."""

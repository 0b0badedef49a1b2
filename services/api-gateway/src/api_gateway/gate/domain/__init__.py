"""Pure rules of the gate."""

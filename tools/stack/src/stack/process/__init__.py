"""How processes are described, started, watched, asked and ended, whatever they are."""

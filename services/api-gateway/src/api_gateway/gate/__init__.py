"""How much anybody may ask: limits, origins, hosts."""

"""JQL as far as the clients of this project use it; everything else is refused by name."""

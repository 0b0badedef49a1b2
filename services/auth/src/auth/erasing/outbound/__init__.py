"""Other services that erase their part."""

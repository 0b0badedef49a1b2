"""What goes out: the owners of data, and the cache of rendered bodies."""

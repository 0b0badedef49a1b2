"""Rules without I/O: cursors, what a request asks for, how an answer looks."""
